// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/Vault.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unordered_map>

#include "core/storage/internal/KeyFile.h"
#include "core/storage/internal/KeyText.h"
#include "core/storage/internal/RowText.h"

namespace countersign {

namespace {

using WrappedKey = std::array<std::uint8_t, kKeyBytes + kSealBytes>;

std::string personContext(std::int64_t person) {
  return "countersign person " + std::to_string(person);
}

std::span<std::uint8_t, kKeyBytes> keySpan(Secret& secret) {
  return secret.bytes().first<kKeyBytes>();
}

std::span<const std::uint8_t> bytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// What is another when others may have changed keys: time of the file; on a server, what the last
/// erasure left.
struct Stamp {
  std::filesystem::file_time_type time;
  Bytes erasure;
  bool operator==(const Stamp&) const = default;
};

constexpr const char* kErasureEntry = "erasure";

}  // namespace

struct Vault::State {
  SqlPlace place;
  std::shared_ptr<SqlConnections> connections;  ///< Of a server; else null.
  Account account;
  std::string identity;
  std::string deskMark;
  Secret root{kKeyBytes};
  Secret dataKeys{kDataKeys * kKeyBytes};
  Secret rowKey{kKeyBytes};  ///< Made of the audit's.
  std::atomic<bool> hasBook = false;

  mutable std::shared_mutex mutex;
  /// Sealed as in the file: a key is unsealed for the moment that it is used. Nothing: erased.
  mutable std::unordered_map<std::int64_t, std::optional<WrappedKey>> people;
  /// Of people who are being added by a thread, on a server.
  mutable std::map<std::pair<std::thread::id, std::int64_t>, WrappedKey> added;
  mutable Stamp readAt;                            ///< As it was when they were read.
  mutable std::atomic<std::int64_t> lookedAt = 0;  ///< When the stamp was looked at.

  KeySpan dataKey(std::size_t number) const {
    return KeySpan(dataKeys.part(number * kKeyBytes, kKeyBytes));
  }
  KeySpan peopleKey() const { return dataKey(kPeopleKey); }
  /// Does `work` with a connection to the keys.
  template <typename Work>
  auto withKeys(Work&& work) const {
    if (connections) return work(connections->mine());
    SqlConnection sql(place, SqlConnection::Use::Keys);
    return work(sql);
  }
  Stamp stamp() const;
  void readPeople() const;
  /// Whether others may have added somebody since they were read.
  bool mayKnowMore() const;
  std::optional<std::optional<WrappedKey>> readPerson(std::int64_t person) const;
  std::optional<std::optional<WrappedKey>> wrappedKey(std::int64_t person) const;
  /// Key of one kind of one person's data.
  void cellKey(DataKind kind, std::optional<std::int64_t> person, Secret& key) const;
};

Stamp Vault::State::stamp() const {
  std::error_code ignored;
  if (const auto* file = std::get_if<std::filesystem::path>(&place))
    return {std::filesystem::last_write_time(*file, ignored), {}};
  return withKeys([](SqlConnection& sql) -> Stamp {
    SqlStatement entry(sql, "SELECT content FROM key_info WHERE name = ?");
    if (!entry.bind(std::string(kErasureEntry)).run().next()) return {};
    return {{}, entry.bytes(0)};
  });
}

/// Nothing: erased.
static std::optional<WrappedKey> wrappedIn(std::int64_t person, const Bytes& bytes) {
  WrappedKey wrapped{};
  if (bytes.empty()) return std::nullopt;
  if (bytes.size() != wrapped.size())
    // Damage is not to be taken for an erasure, after which the rows would go, too.
    throw SqlFailure(ErrorCode::StoreFailure,
                     "The store's file of keys is damaged. Restore the newest copy of it; without "
                     "it nobody can read the store.",
                     personContext(person));
  std::copy(bytes.begin(), bytes.end(), wrapped.begin());
  return wrapped;
}

void Vault::State::readPeople() const {
  const auto time = stamp();
  std::unordered_map<std::int64_t, std::optional<WrappedKey>> all;
  withKeys([&](SqlConnection& sql) {
    SqlStatement rows(sql, "SELECT person_key, wrapped FROM person_key");
    rows.run();
    while (rows.next()) all.emplace(rows.integer(0), wrappedIn(rows.integer(0), rows.bytes(1)));
  });
  const std::unique_lock lock(mutex);
  // Whoever was erased while the file was read stays so.
  for (const auto& [person, key] : people)
    if (!key) all[person] = std::nullopt;
  people = std::move(all);
  readAt = time;
}

std::optional<std::optional<WrappedKey>> Vault::State::readPerson(std::int64_t person) const {
  SqlStatement row(connections->mine(), "SELECT wrapped FROM person_key WHERE person_key = ?");
  if (!row.bind(person).run().next()) return std::nullopt;
  const auto wrapped = wrappedIn(person, row.bytes(0));
  const std::unique_lock lock(mutex);
  return people.try_emplace(person, wrapped).first->second;
}

/// The file is not read again for every row of a damaged store. Two changes in one tick of its time
/// look like one.
bool Vault::State::mayKnowMore() const {
  constexpr std::chrono::seconds kTick(1);
  std::error_code ignored;
  const auto time =
      std::filesystem::last_write_time(std::get<std::filesystem::path>(place), ignored);
  const auto now = std::filesystem::file_time_type::clock::now();
  const std::shared_lock lock(mutex);
  return time != readAt.time || now - time <= kTick;
}

std::optional<std::optional<WrappedKey>> Vault::State::wrappedKey(std::int64_t person) const {
  const auto moment = std::chrono::steady_clock::now().time_since_epoch().count();
  constexpr std::chrono::steady_clock::duration kPatience = std::chrono::milliseconds(200);
  // Another program may have erased somebody.
  if (moment - lookedAt.load() > kPatience.count()) {
    lookedAt = moment;
    const auto now = stamp();
    bool isOlder = false;
    {
      const std::shared_lock lock(mutex);
      isOlder = now != readAt;
    }
    if (isOlder) readPeople();
  }
  {
    const std::shared_lock lock(mutex);
    if (const auto at = people.find(person); at != people.end()) return at->second;
    if (const auto at = added.find({std::this_thread::get_id(), person}); at != added.end())
      return at->second;
  }
  // Another desk may have enrolled them.
  if (connections) return readPerson(person);
  if (!mayKnowMore()) return std::nullopt;
  readPeople();
  const std::shared_lock lock(mutex);
  if (const auto at = people.find(person); at != people.end()) return at->second;
  return std::nullopt;
}

void Vault::State::cellKey(DataKind kind, std::optional<std::int64_t> person, Secret& key) const {
  std::array<std::uint8_t, kKeyBytes> own{};
  if (person) {
    const auto wrapped = wrappedKey(*person);
    if (!wrapped)
      throw SqlFailure(ErrorCode::StoreFailure,
                       "The key to somebody's data is missing: the file of keys is older than the "
                       "store. Restore the newest copy of it.",
                       personContext(*person));
    if (!*wrapped)
      throw SqlFailure(ErrorCode::PersonErased,
                       "This person was erased; nobody can read their data.",
                       personContext(*person));
    if (!countersign::unseal(peopleKey(), personContext(*person), **wrapped, own))
      throw SqlFailure(ErrorCode::StoreFailure,
                       "The key to somebody's data was changed or is damaged. Restore the newest "
                       "copy of the file of keys.",
                       personContext(*person));
  }
  keyedHash(dataKey(static_cast<std::size_t>(kind)), own, key.bytes());
  wipe(own);
}

Vault::Vault(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Vault::~Vault() = default;

const std::shared_ptr<SqlConnections>& Vault::connections() const { return m_state->connections; }

const std::string& Vault::deskMark() const { return m_state->deskMark; }

const Account& Vault::account() const { return m_state->account; }
bool Vault::hasBook() const { return m_state->hasBook; }
void Vault::rememberBook() const {
  countersign::rememberBook(m_state->place, m_state->root);
  m_state->hasBook = true;
}
const std::string& Vault::storeIdentity() const { return m_state->identity; }

std::vector<Account> Vault::confirmers() const {
  std::vector<Account> all;
  for (const auto& other : accountsAt(m_state->place))
    if (other.name != account().name && other.opening != Account::Opening::Recovery &&
        other.opening != Account::Opening::Desktop &&
        (other.role == Role::Supervisor || other.role == Role::Administrator))
      all.push_back(other);
  return all;
}

Result<Account> Vault::confirm(const Credential& second, const Clock& clock) const {
  const auto opened = openKeyFile(m_state->place, second, clock);
  if (!opened) return opened.error();
  const auto& other = opened->account;
  if (other.name == account().name)
    return Error{ErrorCode::OptionOutOfRange,
                 "Somebody else has to confirm this: \"" + other.name +
                     "\" is the account that asks for it.",
                 ""};
  if (other.opening == Account::Opening::Recovery || other.opening == Account::Opening::Desktop)
    return Error{ErrorCode::OptionOutOfRange,
                 "Nobody confirms by the recovery key, or by a key of a desktop: it does not tell "
                 "who holds it. Type the passphrase of the second account.",
                 ""};
  if (other.role != Role::Supervisor && other.role != Role::Administrator)
    return Error{ErrorCode::OptionOutOfRange,
                 "Only a supervisor or an administrator confirms this; the account \"" +
                     other.name + "\" is of a " + std::string(roleName(other.role)) + ".",
                 ""};
  return other;
}

Status Vault::checkOwnPassphrase(const Secret& passphrase, const Clock& clock) const {
  auto given = withPassphrase(account().name, Secret::of(passphrase.text()));
  const auto opened = openKeyFile(m_state->place, given, clock);
  if (!opened)
    return Error{opened.error().code,
                 opened.error().message + " Your present one was asked for; nothing was changed.",
                 opened.error().detail};
  return ok();
}

std::vector<FailedTries> Vault::takeFailedTries() const {
  return countersign::takeFailedTries(m_state->place);
}

void Vault::putBackFailedTries(const std::vector<FailedTries>& tries) const {
  countersign::putBackFailedTries(m_state->place, tries);
}

Result<std::shared_ptr<Vault>> Vault::unlock(const std::filesystem::path& store,
                                             const Credential& credential, const Clock& clock) {
  auto given = credential;
  if (given.kind == Credential::Kind::KeyInFolder) {
    constexpr std::uintmax_t kLargest = 4096;
    auto text = readTextFile(store / kOpenKeyFile, kLargest);
    if (!text)
      return Error{ErrorCode::CredentialNeeded,
                   "The store in " + placeText(store) + " is locked. Give a passphrase or a key.",
                   ""};
    given = withKey(Secret::of(*text));
    wipe(*text);
  }
  auto state = std::make_unique<State>();
  try {
    state->place = keysPlaceOf(store);
  } catch (const SqlFailure& failure) { return failure.error(); }
  auto opened = openKeyFile(state->place, given, clock);
  if (!opened) return opened.error();
  if (isServer(state->place)) state->connections = std::make_shared<SqlConnections>(state->place);
  state->account = opened->account;
  state->identity = opened->identity;
  constexpr std::size_t kMarkBytes = 8;
  const auto mark = Secret::random(kMarkBytes);
  state->deskMark = hexText({mark.bytes().begin(), mark.bytes().end()});
  state->hasBook = opened->hasBook;
  state->root = std::move(opened->root);
  state->dataKeys = std::move(opened->dataKeys);
  keyedHash(state->dataKey(static_cast<std::size_t>(DataKind::Audit)), bytesOf("countersign rows"),
            state->rowKey.bytes());
  try {
    state->readPeople();
  } catch (const SqlFailure& failure) { return failure.error(); }
  return std::shared_ptr<Vault>(new Vault(std::move(state)));
}

namespace {

std::string associatedText(const std::string& store, std::optional<std::int64_t> person,
                           const Place& place) {
  std::string text = "countersign cell|";
  text.append(store).append("|").append(place.table).append("|").append(place.column);
  text.append("|").append(place.row).append("|").append(std::to_string(place.version));
  text.append("|").append(person ? std::to_string(*person) : "");
  return text;
}

/// One a thread: guarded memory takes system calls to make, and a list of people takes thousands.
Secret& scratchKey() {
  thread_local Secret key(kKeyBytes);
  return key;
}

}  // namespace

Bytes Vault::seal(DataKind kind, std::optional<std::int64_t> person, const Place& place,
                  std::span<const std::uint8_t> text) const {
  auto& key = scratchKey();
  m_state->cellKey(kind, person, key);
  auto sealed =
      countersign::seal(keySpan(key), associatedText(m_state->identity, person, place), text);
  wipe(key.bytes());
  return sealed;
}

Bytes Vault::unseal(DataKind kind, std::optional<std::int64_t> person, const Place& place,
                    std::span<const std::uint8_t> sealed) const {
  auto& key = scratchKey();
  m_state->cellKey(kind, person, key);
  const auto associated = associatedText(m_state->identity, person, place);
  auto text = countersign::unseal(keySpan(key), associated, sealed);
  wipe(key.bytes());
  if (!text)
    throw SqlFailure(ErrorCode::StoreFailure,
                     "Something in the store was changed by another program or is damaged; it is "
                     "not shown. Restore the store from a backup.",
                     associated);
  return *std::move(text);
}

Bytes Vault::digest(std::string_view text) const {
  constexpr std::size_t kDigestBytes = 16;
  static constexpr std::string_view kPurpose = "countersign digest";
  auto& key = scratchKey();
  keyedHash(m_state->dataKey(static_cast<std::size_t>(DataKind::Identity)), bytesOf(kPurpose),
            key.bytes());
  Bytes result(kDigestBytes);
  keyedHash(keySpan(key), bytesOf(text), result);
  wipe(key.bytes());
  return result;
}

std::array<std::uint8_t, 32> Vault::rowHash(std::string_view text) const {
  std::array<std::uint8_t, 32> hash{};
  keyedHash(KeySpan(m_state->rowKey.part(0, kKeyBytes)), bytesOf(text), hash);
  return hash;
}

Bytes Vault::auditCode(std::string_view text, const Bytes& previous) const {
  return messageCode(m_state->dataKey(static_cast<std::size_t>(DataKind::Audit)), text, previous);
}

Vault::PersonState Vault::personState(std::int64_t person) const {
  const auto wrapped = m_state->wrappedKey(person);
  if (!wrapped) return PersonState::Unknown;
  return *wrapped ? PersonState::Known : PersonState::Erased;
}

/// Other desks read all keys anew when it is another.
static void leaveStamp(SqlConnection& sql) {
  const std::string entry(kErasureEntry);
  constexpr std::size_t kBytes = 16;
  const auto random = Secret::random(kBytes);
  SqlStatement(sql, "DELETE FROM key_info WHERE name = ?").bind(entry).run();
  SqlStatement(sql, "INSERT INTO key_info VALUES (?, ?)")
      .bind(entry)
      .bind(Bytes(random.bytes().begin(), random.bytes().end()))
      .run();
}

void Vault::addPerson(std::int64_t person) {
  const auto key = Secret::random(kKeyBytes);
  const auto sealed = countersign::seal(m_state->peopleKey(), personContext(person), key.bytes());
  m_state->withKeys([&](SqlConnection& sql) {
    SqlStatement(sql, "INSERT INTO person_key VALUES (?, ?)").bind(person).bind(sealed).run();
  });
  WrappedKey wrapped{};
  std::copy(sealed.begin(), sealed.end(), wrapped.begin());
  const std::unique_lock lock(m_state->mutex);
  if (m_state->connections)
    m_state->added[{std::this_thread::get_id(), person}] = wrapped;
  else
    m_state->people[person] = wrapped;
}

void Vault::forgetPerson(std::int64_t person) const {
  if (!m_state->connections) return;
  const std::unique_lock lock(m_state->mutex);
  m_state->added.erase({std::this_thread::get_id(), person});
}

void Vault::erasePeople(const std::vector<std::int64_t>& people) {
  if (people.empty()) return;
  m_state->withKeys([&](SqlConnection& sql) {
    SqlTransaction transaction(sql);
    for (const auto person : people) {
      SqlStatement(sql, "DELETE FROM person_key WHERE person_key = ?").bind(person).run();
      SqlStatement(sql, "INSERT INTO person_key VALUES (?, ?)").bind(person).bind(Bytes()).run();
    }
    if (m_state->connections) leaveStamp(sql);
    transaction.commit();
  });
  const std::unique_lock lock(m_state->mutex);
  for (const auto person : people) m_state->people[person] = std::nullopt;
}

Result<std::string> Vault::addAccount(const NewAccount& account) {
  return addKeyFileAccount(m_state->place, m_state->root, account, false);
}

Status Vault::removeAccount(const std::string& name) {
  return removeKeyFileAccount(m_state->place, name);
}

Result<std::string> Vault::addDesktop(const std::string& desktop) {
  return addKeyFileDesktop(m_state->place, m_state->root, account().name, desktop);
}

Status Vault::removeDesktop(const std::string& name, const std::string& desktop) {
  return removeKeyFileDesktop(m_state->place, name, desktop);
}

Status Vault::setPassphrase(const std::string& name, const Secret& passphrase,
                            const std::optional<KeyCost>& cost) {
  return setKeyFilePassphrase(m_state->place, m_state->root, name, passphrase, cost);
}

Result<std::string> Vault::renewRecoveryKey() {
  return addKeyFileAccount(m_state->place, m_state->root, {.name = kRecoveryAccount}, true);
}

}  // namespace countersign
