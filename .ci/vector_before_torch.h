// SPDX-License-Identifier: GPL-3.0-or-later
//
// For clang-tidy only. Since C++20 libstdc++'s std::vector is constexpr, and clang 14 instantiates
// constexpr members earlier than GCC: in LibTorch's headers that is before c10::IValue is complete.
// So std::vector is read once without constexpr, which changes nothing that clang-tidy looks at.
// (__fill_a1 was declared constexpr before, so that it takes another name here.)
#pragma once

#include <string>

#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
#define __fill_a1 __fill_a1_of_vector
#include <vector>
#undef __fill_a1
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR constexpr
