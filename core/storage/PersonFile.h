// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/base/Secret.h"
#include "core/biometrics/Records.h"
#include "core/storage/Accounts.h"

namespace countersign {

/// People on their way from one store to another, in one file that is encrypted by a passphrase of
/// its own. Embeddings stay behind: the other store may have another network.
///
/// Format: "countersign people 1" and a line feed; salt (16 bytes), passes and memory of Argon2id
/// (64 bits each, little-endian); a stream of libsodium's secretstream (XChaCha20-Poly1305): its
/// header, then messages, each behind its length (32 bits, little-endian). The first, which is
/// bound to all that comes before it, says where the people come from; each other one is a person,
/// in CBOR; the last is marked as the last, so that a file that was cut off is noticed.

struct TransferredReference {
  Modality modality = Modality::Signature;
  std::string sourceName;
  SampleRegion region;
  Bytes original;
};

struct TransferredPerson {
  std::string identifier;
  std::string name;
  ProcessingGrounds grounds;
  std::vector<TransferredReference> references;
};

struct PersonFileInfo {
  std::string store;  ///< Identity of the store that they come from.
  std::string made;   ///< ISO 8601, UTC.
  std::string author;
  int people = 0;
};

/// Writes beside the file, and puts it in its place when it is complete.
class PersonFileWriter {
 public:
  /// @return  OptionOutOfRange for a passphrase that is easily guessed, FileNotWritable.
  static Result<PersonFileWriter> create(const std::filesystem::path& file,
                                         const Secret& passphrase, const PersonFileInfo& info,
                                         const std::optional<KeyCost>& cost = {});
  PersonFileWriter(PersonFileWriter&&) noexcept;
  PersonFileWriter& operator=(PersonFileWriter&&) = delete;
  ~PersonFileWriter();

  Status add(const TransferredPerson& person);
  /// Without it no file is left.
  Status finish();

 private:
  struct State;
  explicit PersonFileWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

class PersonFileReader {
 public:
  /// @return  CredentialWrong, FileNotReadable, FileMalformed for another kind of file.
  static Result<PersonFileReader> open(const std::filesystem::path& file, const Secret& passphrase);
  PersonFileReader(PersonFileReader&&) noexcept;
  PersonFileReader& operator=(PersonFileReader&&) = delete;
  ~PersonFileReader();

  const PersonFileInfo& info() const;
  /// @return  nothing after the last one; FileMalformed where the file was changed or cut off.
  Result<std::optional<TransferredPerson>> next();

 private:
  struct State;
  explicit PersonFileReader(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

}  // namespace countersign
