// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/PersonFile.h"

#include <sodium.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/storage/internal/KeyFile.h"
#include "core/storage/internal/PersonMessage.h"
#include "core/storage/internal/RowText.h"

namespace countersign {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view kMagic = "countersign people 1\n";
constexpr std::size_t kHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kTagBytes = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr int kMostPasses = 16;
constexpr std::size_t kMostMemory = std::size_t{1} << 30U;

using StreamState = crypto_secretstream_xchacha20poly1305_state;

Error cannotWrite(const fs::path& file) {
  return {ErrorCode::FileNotWritable, quoted(file) + " could not be written.", ""};
}

Error notWhole(const fs::path& file, const std::string& detail) {
  return {ErrorCode::FileMalformed,
          quoted(file) + " is not whole, or was changed; who was read before is right.", detail};
}

void append(Bytes& bytes, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint64_t numberIn(const Bytes& bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
  return value;
}

Json jsonOf(const TransferredPerson& person) {
  auto references = Json::array();
  for (const auto& reference : person.references)
    references.push_back({{"modality", std::string(modalityName(reference.modality))},
                          {"source_name", reference.sourceName},
                          {"region", regionText(reference.region)},
                          {"original", Json::binary(reference.original)}});
  return {{"identifier", person.identifier},
          {"name", person.name},
          {"basis", person.grounds.basis},
          {"purpose", person.grounds.purpose},
          {"retain_until", person.grounds.retainUntil},
          {"references", std::move(references)}};
}

TransferredPerson personFrom(const Json& json) {
  TransferredPerson person{
      json.at("identifier").get<std::string>(),
      json.at("name").get<std::string>(),
      {json.at("basis").get<std::string>(), json.at("purpose").get<std::string>(),
       json.at("retain_until").get<std::string>()},
      {}};
  for (const auto& one : json.at("references"))
    person.references.push_back({modalityFrom(one.at("modality").get<std::string>()),
                                 one.at("source_name").get<std::string>(),
                                 regionFrom(one.at("region").get<std::string>()),
                                 one.at("original").get_binary()});
  return person;
}

}  // namespace

namespace {

/// Whether what is in a message lies no deeper than a person's data do: the library reads one level
/// within the other, until the stack is full. (Found by tests/fuzz.)
class Depth final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*size*/) override { return goDeeper(); }
  bool key(string_t& /*value*/) override { return true; }
  bool end_object() override { return comeBack(); }
  bool start_array(std::size_t /*size*/) override { return goDeeper(); }
  bool end_array() override { return comeBack(); }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*failure*/) override {
    return false;
  }

 private:
  bool goDeeper() {
    constexpr int kDeepest = 8;
    return ++m_depth <= kDeepest;
  }
  bool comeBack() {
    --m_depth;
    return true;
  }
  int m_depth = 0;
};

}  // namespace

std::optional<TransferredPerson> personFromMessage(const Bytes& message) {
  try {
    Depth depth;
    if (!Json::sax_parse(message, &depth, nlohmann::detail::input_format_t::cbor))
      return std::nullopt;
    const auto json = Json::from_cbor(message, true, false);
    if (json.is_object()) return personFrom(json);
  } catch (const Json::exception&) {  // NOLINT(bugprone-empty-catch): said by what is returned
  } catch (const SqlFailure&) {       // NOLINT(bugprone-empty-catch): a value that no store holds
  }
  return std::nullopt;
}

struct PersonFileWriter::State {
  fs::path file;
  fs::path part;
  std::ofstream stream;
  StreamState cipher{};
  bool isFinished = false;

  void put(const Bytes& bytes) {
    stream.write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
  }
  Status push(const Json& json, unsigned char tag, const Bytes& associated) {
    auto text = json.is_null() ? Bytes() : Json::to_cbor(json);
    Bytes sealed(text.size() + kTagBytes);
    crypto_secretstream_xchacha20poly1305_push(&cipher, sealed.data(), nullptr, text.data(),
                                               text.size(), associated.data(), associated.size(),
                                               tag);
    wipe(text);
    Bytes length;
    append(length, sealed.size(), sizeof(std::uint32_t));
    put(length);
    put(sealed);
    return stream ? ok() : Status(cannotWrite(file));
  }
};

PersonFileWriter::PersonFileWriter(std::unique_ptr<State> state) : m_state(std::move(state)) {}
PersonFileWriter::PersonFileWriter(PersonFileWriter&&) noexcept = default;

PersonFileWriter::~PersonFileWriter() {
  if (!m_state || m_state->isFinished) return;
  m_state->stream.close();
  std::error_code ignored;
  fs::remove(m_state->part, ignored);
}

Result<PersonFileWriter> PersonFileWriter::create(const fs::path& file, const Secret& passphrase,
                                                  const PersonFileInfo& info,
                                                  const std::optional<KeyCost>& cost) {
  if (auto status = checkPassphrase(passphrase.text(), ""); !status) return status.error();
  const auto salt = randomSalt();
  const auto price = cost ? *cost : calibratedKeyCost();
  const auto key = stretched(passphrase, salt, price);
  if (!key) return noMemory(price);
  auto state = std::make_unique<State>();
  state->file = file;
  state->part = file.string() + ".part";
  // Nobody else may read it, not even while it is written.
  constexpr mode_t kOthers = 077;
  const auto before = ::umask(kOthers);
  state->stream.open(state->part, std::ios::binary | std::ios::trunc);
  ::umask(before);
  if (!state->stream) return cannotWrite(file);
  Bytes head(kMagic.begin(), kMagic.end());
  head.insert(head.end(), salt.begin(), salt.end());
  append(head, static_cast<std::uint64_t>(price.passes), sizeof(std::uint64_t));
  append(head, price.memory, sizeof(std::uint64_t));
  Bytes header(kHeaderBytes);
  crypto_secretstream_xchacha20poly1305_init_push(&state->cipher, header.data(),
                                                  key->bytes().data());
  state->put(head);
  state->put(header);
  auto status = state->push({{"store", info.store},
                             {"made", info.made},
                             {"author", info.author},
                             {"people", info.people}},
                            crypto_secretstream_xchacha20poly1305_TAG_MESSAGE, head);
  PersonFileWriter writer(std::move(state));
  if (!status) return status.error();
  return writer;
}

Status PersonFileWriter::add(const TransferredPerson& person) {
  return m_state->push(jsonOf(person), crypto_secretstream_xchacha20poly1305_TAG_MESSAGE, {});
}

Status PersonFileWriter::finish() {
  auto status = m_state->push({}, crypto_secretstream_xchacha20poly1305_TAG_FINAL, {});
  m_state->stream.close();
  if (!status || !m_state->stream) return cannotWrite(m_state->file);
  flushToDisk(m_state->part);
  std::error_code failure;
  fs::rename(m_state->part, m_state->file, failure);
  if (failure) return cannotWrite(m_state->file);
  m_state->isFinished = true;
  flushToDisk(m_state->file.has_parent_path() ? m_state->file.parent_path() : ".");
  return ok();
}

struct PersonFileReader::State {
  fs::path file;
  std::ifstream stream;
  std::uintmax_t left = 0;  ///< Bytes that were not read yet.
  StreamState cipher{};
  PersonFileInfo info;
  bool isAtEnd = false;

  std::optional<Bytes> take(std::uintmax_t size) {
    if (size > left) return std::nullopt;
    Bytes bytes(size);
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!stream) return std::nullopt;
    left -= size;
    return bytes;
  }
  /// The next message; nothing at the end.
  Result<std::optional<Bytes>> pull(const Bytes& associated) {
    const auto length = take(sizeof(std::uint32_t));
    if (!length) return notWhole(file, "cut off");
    const auto sealed = take(numberIn(*length, 0, length->size()));
    if (!sealed || sealed->size() < kTagBytes) return notWhole(file, "length");
    Bytes text(sealed->size() - kTagBytes);
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&cipher, text.data(), nullptr, &tag,
                                                   sealed->data(), sealed->size(),
                                                   associated.data(), associated.size()) != 0)
      return notWhole(file, "code");
    if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
      if (left > 0) return notWhole(file, "something follows the end");
      return std::optional<Bytes>();
    }
    return std::optional(std::move(text));
  }
};

PersonFileReader::PersonFileReader(std::unique_ptr<State> state) : m_state(std::move(state)) {}
PersonFileReader::PersonFileReader(PersonFileReader&&) noexcept = default;
PersonFileReader::~PersonFileReader() = default;

const PersonFileInfo& PersonFileReader::info() const { return m_state->info; }

Result<PersonFileReader> PersonFileReader::open(const fs::path& file, const Secret& passphrase) {
  auto state = std::make_unique<State>();
  state->file = file;
  std::error_code failure;
  state->left = fs::file_size(file, failure);
  state->stream.open(file, std::ios::binary);
  if (failure || !state->stream)
    return Error{ErrorCode::FileNotReadable, quoted(file) + " could not be read.",
                 failure.message()};
  const auto head = state->take(kMagic.size() + kSaltBytes + 2 * sizeof(std::uint64_t));
  if (!head || !std::equal(kMagic.begin(), kMagic.end(), head->begin()))
    return Error{ErrorCode::FileMalformed,
                 quoted(file) + " holds no people that Countersign exported.", ""};
  const auto header = state->take(kHeaderBytes);
  if (!header) return notWhole(file, "no header");
  const auto costs = kMagic.size() + kSaltBytes;
  const auto passes = numberIn(*head, costs, sizeof(std::uint64_t));
  const auto memory = numberIn(*head, costs + sizeof(std::uint64_t), sizeof(std::uint64_t));
  // What is cheap to guess was not written by this program; what is dear would only take the
  // computer away.
  if (passes < KeyCost::kFewestPasses || passes > kMostPasses || memory < KeyCost::kLeastMemory ||
      memory > kMostMemory)
    return Error{ErrorCode::FileMalformed,
                 quoted(file) + " was not written by Countersign, or was changed.", "cost"};
  const KeyCost cost{static_cast<int>(passes), memory};
  const auto salt = head->begin() + static_cast<std::ptrdiff_t>(kMagic.size());
  const auto key = stretched(passphrase, Bytes(salt, salt + kSaltBytes), cost);
  if (!key) return noMemory(cost);
  crypto_secretstream_xchacha20poly1305_init_pull(&state->cipher, header->data(),
                                                  key->bytes().data());
  const auto about = state->pull(*head);
  if (!about)
    return Error{ErrorCode::CredentialWrong,
                 "The passphrase is not the one of " + quoted(file) + ", or the file was changed.",
                 about.error().detail};
  try {
    const auto json = Json::from_cbor(about->value_or(Bytes()));
    state->info = {json.at("store").get<std::string>(), json.at("made").get<std::string>(),
                   json.at("author").get<std::string>(), json.at("people").get<int>()};
  } catch (const Json::exception& e) { return notWhole(file, e.what()); }
  return PersonFileReader(std::move(state));
}

Result<std::optional<TransferredPerson>> PersonFileReader::next() {
  if (m_state->isAtEnd) return std::optional<TransferredPerson>();
  auto message = m_state->pull({});
  if (!message) return message.error();
  if (!*message) {
    m_state->isAtEnd = true;
    return std::optional<TransferredPerson>();
  }
  auto person = personFromMessage(**message);
  wipe(**message);
  if (!person) return notWhole(m_state->file, "no person");
  return person;
}

}  // namespace countersign
