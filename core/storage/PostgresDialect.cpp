// SPDX-License-Identifier: GPL-3.0-or-later

#include <libpq-fe.h>
#include <poll.h>
#include <sys/stat.h>

#include <QVariant>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "core/base/File.h"
#include "core/storage/internal/PostgresConnection.h"
#include "core/storage/internal/Sql.h"
#include "core/storage/internal/SqlDialect.h"

namespace countersign {

namespace {

const ServerAddress& serverAt(const SqlPlace& place) { return std::get<ServerPlace>(place).server; }

std::string schemaOf(const SqlPlace& place, SqlUse use) {
  std::string name = use == SqlUse::Keys ? "countersign_keys" : "countersign";
  return std::get<ServerPlace>(place).isCopying ? name + "_copying" : name;
}

bool startsWithAny(std::string_view code, std::initializer_list<std::string_view> classes) {
  for (const auto& one : classes)
    if (code.starts_with(one)) return true;
  return false;
}

std::filesystem::path passwordFileOf(const ServerAddress& server) {
  if (!server.passwordFile.empty()) return server.passwordFile;
  const char* home = std::getenv("HOME");
  return home == nullptr ? std::filesystem::path() : std::filesystem::path(home) / ".pgpass";
}

/// libpq would pass over a file that others can read, and only say so to a terminal.
void checkPasswordFile(const ServerAddress& server) {
  const auto file = passwordFileOf(server);
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    if (server.passwordFile.empty()) return;
    throw SqlFailure(ErrorCode::FileNotReadable,
                     "The file with the server's password, " + quoted(file) + ", cannot be read.",
                     "");
  }
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  if ((status.st_mode & kOthers) != 0)
    throw SqlFailure(ErrorCode::FileNotReadable,
                     "The file with the server's password, " + quoted(file) +
                         ", can be read by others. Take that right away (chmod 600), and give the "
                         "user another password.",
                     "");
}

/// Why a server did not let a desk in, as an SQLSTATE: QtSql does not tell. Asked in the same way,
/// so that nobody learns a password who would not have learned it then.
struct Refusal {
  bool isOver = false;  ///< It lets the desk in by now.
  std::string code;     ///< Empty: nobody said anything, or nobody who proved to be the server.
};
Refusal whyRefused(const ServerAddress& server) {
  postgres::Attempt attempt(server);
  PGconn* connection = attempt.begin();
  if (connection == nullptr) return {};
  PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE);
  if (attempt.finish([](int socket, short events) {
        constexpr int kMilliseconds = 5000;
        pollfd watched{socket, events, 0};
        return ::poll(&watched, 1, kMilliseconds) > 0;
      }))
    return {true, ""};
  constexpr const char* kNoPassword = "28P01";
  if (PQconnectionNeedsPassword(connection) != 0) return {false, kNoPassword};
  // A line for each of the server's addresses, "... failed: FATAL:  28P01"; others may say where
  // the password was found.
  std::istringstream lines(PQerrorMessage(connection));
  std::string said;
  for (std::string line; std::getline(lines, line);) {
    constexpr std::size_t kLength = 5;
    const auto space = line.find_last_of(' ');
    const auto code = space == std::string::npos ? "" : line.substr(space + 1);
    const bool isCode =
        code.size() == kLength && std::all_of(code.begin(), code.end(), [](unsigned char c) {
          return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
        });
    if (isCode) said = code;
  }
  return {false, said};
}

/// Whether something answers there as a server does, whoever it is. It is told nothing: no name,
/// and no password that the environment may hold.
bool doesListen(const ServerAddress& server) {
  const auto asked = "host='" + server.host + "' port=" + std::to_string(server.port) +
                     " hostaddr='' dbname=nobody user=nobody password='' passfile=/dev/null/none"
                     " sslmode=disable gssencmode=disable connect_timeout=3";
  const auto answer = PQping(asked.c_str());
  return answer == PQPING_OK || answer == PQPING_REJECT;
}

class PostgresDialect final : public SqlDialect {
 public:
  Opening opening(const SqlPlace& place, SqlUse use) const override {
    const auto& server = serverAt(place);
    auto password = serverPassword(server);
    if (!password) checkPasswordFile(server);
    return {
        .driver = "QPSQL",
        .database = server.database,
        .host = server.host,
        .port = server.port,
        .user = server.user,
        .password = std::move(password),
        .options = postgres::connectionOptions(server) + " options='" + settings(place, use) + "'"};
  }

  /// Settings that hold from the first moment, whatever the user's usual ones are.
  static std::string settings(const SqlPlace& place, SqlUse use) {
    std::string path = schemaOf(place, use);
    if (use != SqlUse::Keys) path += "," + schemaOf(place, SqlUse::Keys);
    // A desk that hangs in the middle of a change must not keep all others from working.
    return "-c search_path=" + path +
           " -c client_min_messages=error -c lock_timeout=10s"
           " -c idle_in_transaction_session_timeout=60s -c synchronous_commit=on"
           // Of one that has lost its power the server learns within a minute.
           " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
           " -c statement_timeout=0 -c standard_conforming_strings=on -c row_security=off";
  }

  void onOpened(const QVariant& handle) const override {
    if (handle.isValid() && std::string_view(handle.typeName()) == "PGconn*")
      postgres::silence(*static_cast<PGconn* const*>(handle.constData()));
  }

  std::vector<std::string> onConnect(const SqlPlace& /*place*/, SqlUse use) const override {
    // As long as it is held, nobody deletes what this desk may still take back.
    if (use != SqlUse::Work) return {};
    return {"SELECT pg_advisory_lock_shared(hashtext(current_setting('search_path')), 2)"};
  }

  std::vector<std::string> beforeTables(const SqlPlace& place, SqlUse use) const override {
    return {"CREATE SCHEMA IF NOT EXISTS " + schemaOf(place, use)};
  }

  /// One desk writes at a time: there is one history, and each row of it rests on the one before.
  std::vector<std::string> beginWrite() const override {
    return {"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            "SELECT pg_advisory_xact_lock(hashtext(current_setting('search_path')), 1)"};
  }
  const char* beginLook() const override {
    return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  }
  const char* countTables() const override {
    return "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?";
  }
  /// Pages are the server's business; what the rows hold is told by the store's book.
  const char* integrityCheck() const override { return "SELECT 'ok'"; }
  const char* foreignKeyCheck() const override { return "SELECT 'none' WHERE FALSE"; }
  /// libpq drops the rows of a statement when the next one begins.
  bool doesStream() const override { return false; }

  std::vector<std::string> appendOnly(const std::string& table) const override {
    return {
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION ''history is not changed''; END'",
        "CREATE TRIGGER " + table + "_refuses_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON " +
            table + " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"};
  }

  Error errorOf(const std::string& nativeCode, const std::string& text) const override {
    const std::string_view code(nativeCode);
    // Without a code it was the connection that failed.
    if (code.empty() || startsWithAny(code, {"08", "57P", "25P03"}))
      return {ErrorCode::StoreUnreachable,
              "The server of the store does not answer; nothing was saved. Try again in a moment.",
              text};
    if (startsWithAny(code, {"55P03", "40", "53300", "57014"}))
      return {ErrorCode::StoreBusy,
              "Other desks hold the store; nothing was saved. Try again in a moment.", text};
    if (startsWithAny(code, {"53"}))
      return {ErrorCode::FileNotWritable,
              "The disk or the memory of the store's server is full; nothing was saved.", text};
    if (startsWithAny(code, {"25006", "42501"}))
      return {ErrorCode::FileNotWritable,
              "This desk may not write to the store; nothing was saved. Ask whoever looks after "
              "its server.",
              text};
    if (startsWithAny(code, {"58", "XX"}))
      return {ErrorCode::StoreFailure,
              "The server of the store reports damage; nothing was saved. Tell whoever looks after "
              "it before you go on.",
              text};
    return {ErrorCode::StoreFailure, "The store did not do what it was asked to.", text};
  }

  Error errorOfOpening(const SqlPlace& place, const std::string& nativeCode,
                       const std::string& text) const override {
    const auto& server = serverAt(place);
    const auto name = server.host.empty() ? std::string("this computer") : server.host;
    const auto refusal = nativeCode.empty() ? whyRefused(server) : Refusal{false, nativeCode};
    if (refusal.isOver || startsWithAny(refusal.code, {"57P", "08"}))
      return {ErrorCode::StoreUnreachable,
              "The server of the store on " + name + " is starting or stopping.", text};
    if (startsWithAny(refusal.code, {"53300"}))
      return {ErrorCode::StoreBusy,
              "The server of the store on " + name +
                  " has no connection left for this desk. Close the store at another one.",
              text};
    if (!refusal.code.empty())
      return {ErrorCode::StoreRefused,
              "The server on " + name + " does not let \"" + server.user +
                  "\" into the database \"" + server.database +
                  "\": look at both names and at the password.",
              text};
    if (!server.isLocal() && doesListen(server))
      return {
          ErrorCode::StoreRefused,
          "What answers on " + name +
              " does not prove that it is the server (by TLS, with a certificate for this name). "
              "Nothing was sent to it.",
          text};
    return {ErrorCode::StoreUnreachable,
            "The server of the store on " + name +
                " does not answer. Look whether it runs and the network is there.",
            text};
  }
};

}  // namespace

namespace postgres {

const SqlDialect& dialect() {
  static const PostgresDialect words;
  return words;
}

void silence(PGconn* connection) {
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
}

std::string connectionOptions(const ServerAddress& server) {
  // A cable that was pulled is noticed within seconds.
  std::string options =
      "connect_timeout=5 keepalives_idle=5 keepalives_interval=2 keepalives_count=3 "
      "tcp_user_timeout=10000 application_name=countersign client_encoding=UTF8";
  // An address in the environment would lead elsewhere, past what isLocal() says.
  options += " hostaddr='' gssencmode=disable";
  if (server.host.empty()) options += " host=''";
  if (!server.isLocal()) options += " sslmode=verify-full ssl_min_protocol_version=TLSv1.2";
  if (!server.rootCertificate.empty())
    options += " sslrootcert='" + server.rootCertificate.string() + "'";
  const auto file = passwordFileOf(server);
  return options + " passfile='" + (file.empty() ? "/dev/null/none" : file.string()) + "'";
}

Attempt::~Attempt() { PQfinish(m_connection); }

PGconn* Attempt::begin() {
  const auto options = connectionOptions(m_server);
  const auto port = std::to_string(m_server.port);
  const auto password = serverPassword(m_server);
  const std::string secret(password ? password->text() : std::string_view());
  const std::array names{
      "dbname", "host", "port", "user", "password", "dbname", static_cast<const char*>(nullptr)};
  const std::array<const char*, names.size()> values{options.c_str(),
                                                     m_server.host.c_str(),
                                                     port.c_str(),
                                                     m_server.user.c_str(),
                                                     password ? secret.c_str() : nullptr,
                                                     m_server.database.c_str(),
                                                     nullptr};
  m_connection = PQconnectStartParams(names.data(), values.data(), 1);
  if (m_connection != nullptr) silence(m_connection);
  return m_connection;
}

bool Attempt::finish(const std::function<bool(int socket, short events)>& await) {
  auto wanted = PGRES_POLLING_WRITING;
  while (PQstatus(m_connection) != CONNECTION_BAD) {
    if (wanted == PGRES_POLLING_OK) return true;
    if (wanted == PGRES_POLLING_FAILED) return false;
    if (!await(PQsocket(m_connection), wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT))
      return false;
    wanted = PQconnectPoll(m_connection);
  }
  return false;
}

}  // namespace postgres

}  // namespace countersign
