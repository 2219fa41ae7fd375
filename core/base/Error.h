// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace countersign {

enum class ErrorCode {
  Cancelled,            ///< The user asked a job to stop; not shown as a failure.
  FileNotReadable,      ///< Missing, unreadable, or larger than the limit.
  FileNotWritable,      ///< The folder is read-only, the disk is full, and the like.
  ImageNotDecodable,    ///< Unknown format, damaged, truncated, or too large once decoded.
  FileMalformed,        ///< A data file (CSV, JSON, safetensors, pen data) breaks its own format.
  QualityInsufficient,  ///< The image was read, but nothing in it can be compared.
  OptionOutOfRange,     ///< An option, or a combination of options, is not allowed.
  NetworkIncompatible,  ///< A network file does not fit the architecture that it names.
  CpuUnsupported,       ///< The processor lacks what the program was built for.
  NotFound,             ///< What was asked for is not in the store.
  AlreadyEnrolled,      ///< The same image, or the same identifier, is on file.
  PersonErased,         ///< Nobody can read this person's data any more.
  StoreMissing,         ///< No store was set up in this folder yet.
  StoreNotEncrypted,    ///< The store is of an earlier version, and waits to be encrypted.
  StoreBusy,            ///< Another window or program is writing to the store.
  StoreUnreachable,     ///< The server of the store does not answer.
  StoreRefused,      ///< The server of the store does not know this desk, or is not the right one.
  StoreConflict,     ///< Somebody else changed the same thing meanwhile.
  CredentialNeeded,  ///< The store is locked, and nothing was given to open it with.
  CredentialWrong,   ///< Wrong passphrase or key, or too many wrong ones just now.
  ConfirmationNeeded,  ///< A second account has to confirm this.
  StoreFailure,        ///< The store is damaged, of a newer version, or its disk fails.
  BackendFailure,      ///< LibTorch or OpenCV threw; `detail` holds what it said.
};

/// An expected failure. `message` is one sentence for the user, `detail` is for the log.
struct Error {
  ErrorCode code;
  std::string message;
  std::string detail = {};
};

}  // namespace countersign
