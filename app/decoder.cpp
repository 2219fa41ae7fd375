// SPDX-License-Identifier: GPL-3.0-or-later
//
// Decodes images for the other programs, which start it; it is of no use by itself.
#include <unistd.h>

#include <cstdio>

#include "core/imaging/ConfinedDecoding.h"

int main() {
  if (::isatty(STDIN_FILENO) != 0) {
    std::fputs("countersign-decoder is started by Countersign where an image is to be read.\n",
               stderr);
    return 2;
  }
  return countersign::serveImages();
}
