# SPDX-License-Identifier: GPL-3.0-or-later
add_library(countersign_warnings INTERFACE)
target_compile_options(countersign_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-qual -Wformat=2 -Werror
  # Aggregates with default members are meant to be named in part.
  -Wno-missing-field-initializers
  # GCC 12 sees overlaps in std::string operator+ that are not there (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
