// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace countersign::test {

/// A disk that fails from a certain request on, for every file below one folder. The program that
/// this is linked into calls the system's functions through it (FailingDisk.cpp), and so do the
/// libraries that it uses, SQLite among them.
class FailingDisk {
 public:
  enum class Fault {
    Full,      ///< ENOSPC for whatever takes room.
    Broken,    ///< EIO for reading, writing and flushing.
    ReadOnly,  ///< EROFS for whatever changes something.
  };

  /// @param after   how many requests that could fail go well first.
  /// @param isOnce  whether only one fails, and the disk is well again.
  FailingDisk(const std::filesystem::path& folder, Fault fault, int after, bool isOnce);
  /// The disk is well.
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  /// Requests that could have failed until now.
  static int requests();
  /// Those that did.
  static int failures();
};

}  // namespace countersign::test
