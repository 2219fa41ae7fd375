// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is so only where many desks share a store. That everything else is as in a folder is told by
// the other suites, which run on a server, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include "core/base/File.h"
#include "core/storage/Audit.h"
#include "core/storage/ServerAddress.h"
#include "core/storage/Store.h"
#include "core/storage/internal/Sql.h"
#include "tests/support/PostgresServer.h"
#include "tests/support/SocketProxy.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;

/// A store on a server, and as many desks as a test has.
class StoreOnServer : public testing::Test {
 protected:
  void useServer(test::PostgresServer& server) { m_url = server.newDatabase(); }
  void useSharedServer() { useServer(test::PostgresServer::shared()); }
  /// The folder that a desk has for the store.
  fs::path desk(const std::string& name) {
    auto folder = m_folder.path() / name;
    if (fs::exists(folder)) return folder;
    fs::create_directories(folder);
    std::ofstream(folder / "server.url") << m_url << '\n';
    if (m_first.empty()) {
      m_first = folder;
      const auto made = protectOpenly(folder, "ada");
      EXPECT_TRUE(made) << made.error().message << made.error().detail;
    } else {
      fs::copy_file(m_first / kOpenKeyFile, folder / kOpenKeyFile);
    }
    return folder;
  }
  std::unique_ptr<Store> open(const std::string& name,
                              Store::Access access = Store::Access::Write) {
    auto opened = Store::open(desk(name), access, m_clock);
    EXPECT_TRUE(opened) << opened.error().message << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  static Result<Enrolled> enrol(Store& store, const std::string& identifier) {
    return store.repository().enrol(
        {identifier, "Name of " + identifier, {test::plainReference(identifier, "net-a")}},
        {"ada"});
  }
  static std::vector<std::string> people(Store& store) {
    std::vector<std::string> all;
    const auto known = store.repository().people();
    EXPECT_TRUE(known) << known.error().message;
    if (known)
      for (const auto& one : *known) all.push_back(one.person.identifier);
    return all;
  }

  std::string m_url;
  test::TemporaryFolder m_folder;
  fs::path m_first;
  Clock m_clock = systemTime;
};

/// What a feed told, for a test that waits for it.
class Heard {
 public:
  void add(const StoreTidings& tidings) {
    const std::scoped_lock lock(m_mutex);
    m_all.push_back(tidings.kind);
    m_changed.notify_all();
  }
  /// Seconds until it was told, or nothing.
  std::optional<double> waitFor(StoreTidings::Kind kind, double most = 20) {
    const auto begun = steady_clock::now();
    std::unique_lock lock(m_mutex);
    const bool isTold = m_changed.wait_for(lock, std::chrono::duration<double>(most), [&] {
      return std::find(m_all.begin(), m_all.end(), kind) != m_all.end();
    });
    if (!isTold) return std::nullopt;
    m_all.clear();
    return std::chrono::duration<double>(steady_clock::now() - begun).count();
  }
  bool isEmpty() {
    const std::scoped_lock lock(m_mutex);
    return m_all.empty();
  }

 private:
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::vector<StoreTidings::Kind> m_all;
};

TEST_F(StoreOnServer, ShowsEachDeskWhatTheOthersDoWithinASecond) {
  useSharedServer();
  const auto one = open("one");
  const auto other = open("other");
  Heard heardByOne;
  Heard heardByOther;
  const auto feedOfOne = one->listen([&](const StoreTidings& told) { heardByOne.add(told); });
  const auto feedOfOther = other->listen([&](const StoreTidings& told) { heardByOther.add(told); });
  ASSERT_TRUE(feedOfOne && feedOfOther);
  // What happened before they listened, they are told to look for.
  ASSERT_TRUE(heardByOne.waitFor(StoreTidings::Kind::Changed));
  ASSERT_TRUE(heardByOther.waitFor(StoreTidings::Kind::Changed));
  ASSERT_TRUE(enrol(*one, "1"));
  const auto seconds = heardByOther.waitFor(StoreTidings::Kind::Changed);
  ASSERT_TRUE(seconds);
  EXPECT_LT(*seconds, 1);
  EXPECT_THAT(people(*other), ElementsAre("1"));
  EXPECT_EQ(other->repository().images({1})->original, one->repository().images({1})->original);
  NewDecision decision;
  decision.person = PersonKey{1};
  decision.network = "net-a";
  decision.probe = test::plainReference("probe", "net-a").image;
  decision.embedding = {0, 0, 128, 63};
  ASSERT_TRUE(other->repository().record(decision, {"ada"}));
  const auto back = heardByOne.waitFor(StoreTidings::Kind::Changed);
  ASSERT_TRUE(back);
  EXPECT_LT(*back, 1);
  EXPECT_EQ(one->repository().decisions()->size(), 1U);
  EXPECT_TRUE(heardByOther.isEmpty()) << "nobody is told of what they did themselves";
}

TEST_F(StoreOnServer, KeepsOneChainWhateverManyDesksWriteAtOnce) {
  useSharedServer();
  open("first");
  constexpr int kDesks = 6;
  constexpr int kEach = 12;
  for (int d = 0; d < kDesks; ++d) desk("desk" + std::to_string(d));
  std::vector<std::jthread> threads;
  threads.reserve(kDesks);
  for (int d = 0; d < kDesks; ++d)
    threads.emplace_back([&, d] {
      const auto store = open("desk" + std::to_string(d));
      ASSERT_TRUE(store);
      for (int i = 0; i < kEach; ++i) {
        const auto name = std::to_string(d) + "-" + std::to_string(i);
        const auto done = enrol(*store, name);
        EXPECT_TRUE(done) << done.error().message << done.error().detail;
        // Everybody is also enrolled a second time, at another desk at the same moment.
        const auto shared = enrol(*store, "shared " + std::to_string(i));
        EXPECT_TRUE(shared || shared.error().code == ErrorCode::AlreadyEnrolled);
      }
    });
  threads.clear();
  const auto store = open("first");
  EXPECT_EQ(people(*store).size(), std::size_t{kDesks * kEach + kEach});
  EXPECT_TRUE(store->check());
  const auto head = AuditTrail::of(*store)->verify();
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->sequence, kDesks * kEach + kEach + kDesks + 2) << "enrolments and openings";
}

TEST_F(StoreOnServer, LosesNeitherOfTwoEditsOfOneThing) {
  useSharedServer();
  const auto one = open("one");
  const auto other = open("other");
  const auto ada = enrol(*one, "1")->person;
  auto& ones = one->repository();
  auto& others = other->repository();
  ASSERT_TRUE(ones.renamePerson(ada.key, "Ada Lovelace", {"bob"}, ada.name));
  const auto late = others.renamePerson(ada.key, "Ada King", {"eve"}, ada.name);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::StoreConflict);
  EXPECT_THAT(late.error().message, HasSubstr("bob changed this meanwhile"));
  EXPECT_THAT(late.error().message, HasSubstr("\"Ada Lovelace\""));
  EXPECT_EQ(others.person(ada.key)->name, "Ada Lovelace");
  EXPECT_TRUE(others.renamePerson(ada.key, "Ada King", {"eve"}, "Ada Lovelace"))
      << "having seen it";
  // Both want the same: nobody has to be asked.
  EXPECT_TRUE(ones.renamePerson(ada.key, "Ada King", {"bob"}, "Ada Lovelace"));
  // What is beside it is nobody's loss.
  const ProcessingGrounds grounds{"contract", "counter", "2030-12-31"};
  EXPECT_TRUE(ones.setGrounds(ada.key, grounds, {"bob"}, ProcessingGrounds{}));
  EXPECT_EQ(others.person(ada.key)->name, "Ada King");
  EXPECT_EQ(others.person(ada.key)->grounds, grounds);
  EXPECT_EQ(
      others.setGrounds(ada.key, {"consent", "", ""}, {"eve"}, ProcessingGrounds{}).error().code,
      ErrorCode::StoreConflict);
  ASSERT_TRUE(ones.putIntoService(Modality::Signature, "net-a", {{0.7}, 0.02}, {"bob"}));
  const DecisionRule seen{{0.7}, 0.02};
  ASSERT_TRUE(ones.setRule("net-a", {{0.8}, 0.02}, {"bob"}, seen));
  const auto rule = others.setRule("net-a", {{0.6}, 0.02}, {"eve"}, seen);
  EXPECT_EQ(rule.error().code, ErrorCode::StoreConflict);
  EXPECT_THAT(rule.error().message, HasSubstr("threshold 0.8"));
  ASSERT_TRUE(ones.setPolicy("net-a", {{}, false, 0.1}, {"bob"}, DecisionPolicy{}));
  EXPECT_EQ(others.setPolicy("net-a", {{}, false, 0.2}, {"eve"}, DecisionPolicy{}).error().code,
            ErrorCode::StoreConflict);
  const std::optional<PersonThreshold> none;
  const PersonThreshold hers{{0.9}, "her hand trembles", {}};
  ASSERT_TRUE(ones.setPersonThreshold(ada.key, "net-a", hers, {"bob"}, std::optional(none)));
  const auto again = others.setPersonThreshold(
      ada.key, "net-a", PersonThreshold{{0.95}, "careful", {}}, {"eve"}, std::optional(none));
  EXPECT_EQ(again.error().code, ErrorCode::StoreConflict);
  ASSERT_TRUE(ones.setUsualGrounds({"contract", "counter", 12}, {"bob"}, UsualGrounds{}));
  EXPECT_EQ(others.setUsualGrounds({"consent", "", 0}, {"eve"}, UsualGrounds{}).error().code,
            ErrorCode::StoreConflict);
  EXPECT_TRUE(AuditTrail::of(*one)->verify());
}

TEST_F(StoreOnServer, LetsADeskTakeBackWhatItRemovedWhileOthersComeAndGo) {
  useSharedServer();
  auto one = open("one");
  ASSERT_TRUE(enrol(*one, "1"));
  ASSERT_TRUE(enrol(*one, "2"));
  ASSERT_TRUE(one->repository().retirePerson({1}, {"ada"}));
  open("other");
  EXPECT_TRUE(one->repository().restorePerson({1}, {"ada"}));
  ASSERT_TRUE(one->repository().retirePerson({1}, {"ada"}));
  one.reset();
  // Nobody can any more.
  const auto other = open("other");
  EXPECT_FALSE(other->repository().restorePerson({1}, {"ada"}));
  EXPECT_FALSE(other->repository().images({1}));
  EXPECT_TRUE(other->check());
}

TEST_F(StoreOnServer, TellsEveryDeskThatSomebodyWasErased) {
  useSharedServer();
  const auto one = open("one");
  const auto other = open("other");
  ASSERT_TRUE(enrol(*one, "1"));
  ASSERT_TRUE(other->repository().images({1}));
  ASSERT_TRUE(one->repository().erasePeople({{1}}, {"ada"}));
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_FALSE(other->repository().images({1}));
  EXPECT_FALSE(other->repository().person({1}));
  const auto next = enrol(*other, "2");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->person.key.value, 2) << "numbers are not given twice";
}

TEST_F(StoreOnServer, BringsANetworkToEveryDesk) {
  useSharedServer();
  const auto one = open("one");
  const auto file = m_folder.path() / "network.safetensors";
  std::ofstream(file) << "a network, as far as the store cares";
  ASSERT_TRUE(one->keepNetwork(file, "net-a"));
  const auto other = open("other");
  const auto fetched = other->networkFile("net-a");
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->parent_path().parent_path(), desk("other"));
  EXPECT_EQ(*readFile(*fetched, 1U << 20U), *readFile(file, 1U << 20U));
  EXPECT_TRUE(other->checkNetwork("net-a"));
  // A copy that was changed is taken anew; one that the server does not have is missing.
  std::ofstream(*fetched) << "something else";
  EXPECT_TRUE(other->checkNetwork("net-a"));
  EXPECT_EQ(*readFile(*fetched, 1U << 20U), *readFile(file, 1U << 20U));
  EXPECT_EQ(other->networkFile("net-z").error().code, ErrorCode::NotFound);
}

TEST_F(StoreOnServer, ShowsTheServerNothingPersonal) {
  useSharedServer();
  const auto store = open("one");
  ASSERT_TRUE(store->repository().enrol({"IDENT-77123345",
                                         "Wilhelmina Quarzbrecher",
                                         {test::plainReference("scan-of-wilhelmina", "net-a")}},
                                        {"clerk-antonia"}));
  auto& server = test::PostgresServer::shared();
  const auto database = m_url.substr(m_url.rfind('/') + 1);
  std::string all;
  for (const auto& table :
       server.run(database,
                  "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname LIKE"
                  " 'countersign%'"))
    // Of bytes their text, too.
    for (const auto& row : server.run(database, "SELECT t::text FROM " + table + " t"))
      all += row + "\n";
  EXPECT_THAT(all, HasSubstr("\\x"));
  const auto hex = [](const std::string& text) {
    std::string digits;
    for (const char c : text) {
      constexpr const char* kDigits = "0123456789abcdef";
      digits += kDigits[static_cast<unsigned char>(c) >> 4U];
      digits += kDigits[static_cast<unsigned char>(c) & 15U];
    }
    return digits;
  };
  for (const std::string text :
       {"Wilhelmina", "IDENT-77123345", "scan-of-wilhelmina", "clerk-antonia"}) {
    EXPECT_EQ(all.find(text), std::string::npos) << text;
    EXPECT_EQ(all.find(hex(text)), std::string::npos) << text;
  }
}

TEST_F(StoreOnServer, WaitsForAServerThatStartsAgain) {
  test::PostgresServer server;
  useServer(server);
  const auto store = open("one");
  ASSERT_TRUE(enrol(*store, "1"));
  Heard heard;
  const auto feed = store->listen([&](const StoreTidings& told) { heard.add(told); });
  ASSERT_TRUE(heard.waitFor(StoreTidings::Kind::Changed));
  server.kill();
  ASSERT_TRUE(heard.waitFor(StoreTidings::Kind::Lost));
  // A server goes with the thread that started it: work is done beside this one.
  std::thread reading([&] { EXPECT_THAT(people(*store), ElementsAre("1")) << "reading waits"; });
  std::this_thread::sleep_for(milliseconds(700));
  server.start();
  reading.join();
  EXPECT_TRUE(heard.waitFor(StoreTidings::Kind::Back));
  server.kill();
  std::thread writing([&] {
    const auto done = enrol(*store, "2");
    EXPECT_TRUE(done) << done.error().message << done.error().detail;
  });
  server.start();
  writing.join();
  EXPECT_TRUE(heard.waitFor(StoreTidings::Kind::Back));
  EXPECT_THAT(people(*store), ElementsAre("1", "2"));
  EXPECT_TRUE(store->check());
}

TEST_F(StoreOnServer, SaysWhenItsServerIsGone) {
  test::PostgresServer server;
  useServer(server);
  const auto store = open("one");
  ASSERT_TRUE(enrol(*store, "1"));
  server.kill();
  const auto opened = Store::open(desk("two"), Store::Access::Write);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::StoreUnreachable);
  EXPECT_THAT(opened.error().message, HasSubstr("does not answer"));
  const auto begun = steady_clock::now();
  const auto done = enrol(*store, "2");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::StoreUnreachable);
  EXPECT_LT(steady_clock::now() - begun, std::chrono::seconds(20));
  server.start();
  EXPECT_TRUE(enrol(*store, "2")) << "as soon as it is back";
  EXPECT_TRUE(AuditTrail::of(*store)->verify());
}

// The line is cut when the server has done what it was asked to, and nobody heard that it has.
TEST_F(StoreOnServer, DoesNothingTwiceWhenAnAnswerIsLost) {
  auto& server = test::PostgresServer::shared();
  useServer(server);
  test::SocketProxy proxy(server.socketFolder() / (".s.PGSQL." + std::to_string(server.port())),
                          server.port());
  auto address = *serverAddressOf(m_url);
  address.host = proxy.folder().string();
  m_url = urlOf(address);
  const auto store = open("one");
  int people = 0;
  for (const auto when :
       {test::SocketProxy::Cut::BeforeAnswer, test::SocketProxy::Cut::BeforeRequest})
    // Everything that a change says to the server.
    for (const char* text : {"COMMIT", "BEGIN", "pg_notify", "INSERT INTO person ",
                             "INSERT INTO event", "DELETE FROM store_state"}) {
      const auto name = std::to_string(++people);
      // Once without harm, so that statements are prepared; they are sent by their names then.
      proxy.cutAt(text, when);
      const auto done = enrol(*store, name);
      ASSERT_TRUE(done) << text << done.error().message << done.error().detail;
      EXPECT_TRUE(done->isNewPerson) << text;
      EXPECT_EQ(store->repository().people()->size(), static_cast<std::size_t>(people)) << text;
      const auto images = store->repository().images(done->references.front());
      EXPECT_TRUE(images) << text << images.error().message;
    }
  EXPECT_GE(proxy.cuts(), 6);
  EXPECT_TRUE(store->check());
  EXPECT_TRUE(AuditTrail::of(*store)->verify());
  // Keys of people who came to nothing are read by nobody, and are not there.
  const auto database = address.database;
  EXPECT_EQ(server.run(database, "SELECT COUNT(*) FROM countersign_keys.person_key").front(),
            std::to_string(people));
}

TEST_F(StoreOnServer, KeepsAuditorsFromWriting) {
  useSharedServer();
  open("one");
  const auto store = open("one", Store::Access::Read);
  EXPECT_FALSE(store->repository().isWritable());
  EXPECT_EQ(enrol(*store, "1").error().code, ErrorCode::StoreBusy);
}

TEST_F(StoreOnServer, IsNotThereUntilItIsSetUp) {
  useSharedServer();
  const auto folder = m_folder.path() / "desk";
  fs::create_directories(folder);
  std::ofstream(folder / "server.url") << m_url << '\n';
  const auto none = Store::open(folder, Store::Access::Write);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::StoreMissing);
  EXPECT_FALSE(hasKeys(folder));
  ASSERT_TRUE(setUpStore(folder, {.name = "ada"}));
  EXPECT_EQ(setUpStore(folder, {.name = "eve"}).error().code, ErrorCode::AlreadyEnrolled);
  EXPECT_EQ(accountsOf(folder)->size(), 2U) << "hers, and the recovery key";
  // Keys without rows are those of a store that was never opened; rows without keys are lost.
  const auto database = m_url.substr(m_url.rfind('/') + 1);
  test::PostgresServer::shared().run(database,
                                     "SET client_min_messages TO error; CREATE SCHEMA countersign; "
                                     "CREATE TABLE countersign.store_info (x INT);"
                                     " DROP SCHEMA countersign_keys CASCADE");
  EXPECT_THAT(Store::open(folder, Store::Access::Write).error().message,
              HasSubstr("keys are missing"));
  EXPECT_FALSE(setUpStore(folder, {.name = "eve"}));
}

TEST(ServerAddress, IsReadAsPostgresReadsIt) {
  const auto plain = serverAddressOf("postgresql://office@db.example:6000/countersign");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->host, "db.example");
  EXPECT_EQ(plain->port, 6000);
  EXPECT_EQ(plain->database, "countersign");
  EXPECT_EQ(plain->user, "office");
  EXPECT_FALSE(plain->isLocal());
  for (const char* url :
       {"postgresql://office@db.example/countersign", "postgresql://a%20b@%2Frun%2Fpg/x",
        "postgresql://o@[::1]:77/c?passfile=%2Fa%20b&sslrootcert=%2Fc.pem"}) {
    const auto address = serverAddressOf(url);
    ASSERT_TRUE(address) << url << address.error().message;
    EXPECT_EQ(*serverAddressOf(urlOf(*address)), *address) << urlOf(*address);
  }
  EXPECT_TRUE(serverAddressOf("postgresql://o@%2Frun%2Fpg/x")->isLocal());
  EXPECT_TRUE(serverAddressOf("postgresql://o@127.0.0.1/x")->isLocal());
  EXPECT_FALSE(serverAddressOf("postgresql://o@127.example.org/x")->isLocal());
  for (const char* url :
       {"postgresql://office:secret@db.example/c", "postgresql://office@db.example",
        "postgresql://db.example/c", "postgresql://o@a,b/c", "postgresql://o@h/c?sslmode=disable",
        "postgresql://o@h/c?sslmode=require", "postgresql://o@h:99999/c", "postgresql://o@h/c?x=y",
        "mysql://o@h/c", "postgresql://o@h/c%27%3b", "postgresql://o@h/c?options=-cx",
        "postgresql://o@h:5432x/c"})
    EXPECT_EQ(serverAddressOf(url).error().code, ErrorCode::OptionOutOfRange) << url;
  EXPECT_THAT(serverAddressOf("postgresql://office:secret@h/c").error().message,
              testing::Not(HasSubstr("secret")));
}

/// A server that wants a password.
class ServerWithAPassword : public testing::Test {
 protected:
  static test::PostgresServer& server() {
    static test::PostgresServer made({.authentication = "scram-sha-256"});
    return made;
  }
  ErrorCode codeOf(const ServerAddress& address) {
    const auto folder = m_folder.path() / std::to_string(++m_tries);
    fs::create_directories(folder);
    std::ofstream(folder / "server.url") << urlOf(address) << '\n';
    const auto opened = Store::open(folder, Store::Access::Read);
    if (opened) return ErrorCode::BackendFailure;
    m_message = opened.error().message;
    return opened.error().code;
  }
  test::TemporaryFolder m_folder;
  int m_tries = 0;
  std::string m_message;
};

TEST_F(ServerWithAPassword, TakesItFromAFileThatNobodyElseMayRead) {
  auto address = *serverAddressOf(server().newDatabase());
  EXPECT_EQ(codeOf(address), ErrorCode::StoreRefused);
  EXPECT_THAT(m_message, HasSubstr("look at both names and at the password"));
  address.passwordFile = m_folder.path() / "pass word";
  EXPECT_EQ(codeOf(address), ErrorCode::FileNotReadable) << "there is none";
  const auto write = [&](const std::string& password) {
    std::ofstream(address.passwordFile) << "*:*:*:*:" << password << '\n';
  };
  write(test::PostgresServer::kPassword);
  ::chmod(address.passwordFile.c_str(), 0644);
  EXPECT_EQ(codeOf(address), ErrorCode::FileNotReadable);
  EXPECT_THAT(m_message, HasSubstr("chmod 600"));
  ::chmod(address.passwordFile.c_str(), 0600);
  EXPECT_EQ(codeOf(address), ErrorCode::StoreMissing) << "it was let in";
  write("another");
  EXPECT_EQ(codeOf(address), ErrorCode::StoreRefused);
}

TEST_F(ServerWithAPassword, TakesItFromWhoeverTypedIt) {
  const auto address = *serverAddressOf(server().newDatabase());
  rememberServerPassword(
      address, std::make_shared<const Secret>(Secret::of(test::PostgresServer::kPassword)));
  EXPECT_EQ(codeOf(address), ErrorCode::StoreMissing) << "it was let in";
  rememberServerPassword(address, std::make_shared<const Secret>(Secret::of("wrong")));
  EXPECT_EQ(codeOf(address), ErrorCode::StoreRefused);
  rememberServerPassword(address, nullptr);
}

TEST_F(ServerWithAPassword, IsLookedForNowhereElse) {
  const auto address = *serverAddressOf(server().newDatabase());
  rememberServerPassword(
      address, std::make_shared<const Secret>(Secret::of(test::PostgresServer::kPassword)));
  // Of a network that nobody has (RFC 5737); no packet to it is answered.
  for (const char* name : {"PGHOSTADDR", "PGHOST"}) ::setenv(name, "192.0.2.123", 1);
  const auto code = codeOf(address);
  for (const char* name : {"PGHOSTADDR", "PGHOST"}) ::unsetenv(name);
  rememberServerPassword(address, nullptr);
  EXPECT_EQ(code, ErrorCode::StoreMissing) << "it was let in by the socket: " << m_message;
}

// Nothing is sent through a network but by TLS, to a server that proves who it is.
TEST_F(ServerWithAPassword, ProvesWhoItIsAcrossANetwork) {
  const auto network = test::addressOnTheNetwork();
  if (network.empty()) GTEST_SKIP() << "this computer is in no network";
  for (const bool hasTls : {false, true}) {
    test::PostgresServer other({.address = network,
                                .port = 54331 + (hasTls ? 1 : 0),
                                .authentication = "scram-sha-256",
                                .hasTls = hasTls});
    auto address = *serverAddressOf(other.newDatabase());
    address.host = network;
    const auto remember = [](const ServerAddress& server) {
      rememberServerPassword(
          server, std::make_shared<const Secret>(Secret::of(test::PostgresServer::kPassword)));
    };
    remember(address);
    EXPECT_EQ(codeOf(address), ErrorCode::StoreRefused) << "nobody vouches for it";
    EXPECT_THAT(m_message, HasSubstr("does not prove that it is the server"));
    if (!hasTls) continue;
    address.rootCertificate = other.certificate();
    remember(address);
    EXPECT_EQ(codeOf(address), ErrorCode::StoreMissing) << "it was let in: " << m_message;
    EXPECT_THAT(other.run(address.database, "SELECT ssl::text FROM pg_stat_ssl LIMIT 1"),
                testing::SizeIs(1));
  }
}

}  // namespace
}  // namespace countersign
