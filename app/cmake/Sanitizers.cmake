# SPDX-License-Identifier: GPL-3.0-or-later
set(COUNTERSIGN_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
add_library(countersign_sanitizers INTERFACE)
if(COUNTERSIGN_SANITIZE)
  target_compile_options(countersign_sanitizers INTERFACE
    -fsanitize=${COUNTERSIGN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(countersign_sanitizers INTERFACE -fsanitize=${COUNTERSIGN_SANITIZE})
endif()
