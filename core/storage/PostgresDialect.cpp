// SPDX-License-Identifier: GPL-3.0-or-later

#include <libpq-fe.h>
#include <sys/stat.h>

#include <QVariant>

#include <array>
#include <cstdlib>
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

/// libpq would pass over a file that others can read, and only say so to a terminal.
void checkPasswordFile(const ServerAddress& server) {
  auto file = server.passwordFile;
  if (file.empty()) {
    const char* home = std::getenv("HOME");
    if (home == nullptr) return;
    file = std::filesystem::path(home) / ".pgpass";
  }
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

/// Whether a server listens, and would take this desk.
PGPing ping(const ServerAddress& server) {
  const auto port = std::to_string(server.port);
  const std::array<const char*, 5> names{"host", "port", "dbname", "connect_timeout", nullptr};
  const std::array<const char*, 5> values{server.host.c_str(), port.c_str(),
                                          server.database.c_str(), "3", nullptr};
  return PQpingParams(names.data(), values.data(), 0);
}

class PostgresDialect final : public SqlDialect {
 public:
  Opening opening(const SqlPlace& place, SqlUse /*use*/) const override {
    const auto& server = serverAt(place);
    auto password = serverPassword(server);
    if (!password) checkPasswordFile(server);
    return {.driver = "QPSQL",
            .database = server.database,
            .host = server.host,
            .port = server.port,
            .user = server.user,
            .password = std::move(password),
            .options = postgres::connectionOptions(server)};
  }

  void onOpened(const QVariant& handle) const override {
    if (handle.isValid() && std::string_view(handle.typeName()) == "PGconn*")
      postgres::silence(*static_cast<PGconn* const*>(handle.constData()));
  }

  std::vector<std::string> onConnect(const SqlPlace& place, SqlUse use) const override {
    std::string path = schemaOf(place, use);
    if (use != SqlUse::Keys) path += ", " + schemaOf(place, SqlUse::Keys);
    std::vector<std::string> statements{
        "SET search_path TO " + path +
        "; SET client_min_messages TO error; SET lock_timeout TO '10s';"
        // A desk that hangs in the middle of a change must not keep all others from working.
        " SET idle_in_transaction_session_timeout TO '60s'; SET synchronous_commit TO on"};
    // As long as it is held, nobody deletes what this desk may still take back.
    if (use == SqlUse::Work)
      statements.emplace_back(
          "SELECT pg_advisory_lock_shared(hashtext(current_setting('search_path')), 2)");
    return statements;
  }

  std::vector<std::string> beforeTables(const SqlPlace& place, SqlUse use) const override {
    return {"CREATE SCHEMA IF NOT EXISTS " + schemaOf(place, use)};
  }

  /// One desk writes at a time: there is one history, and each row of it rests on the one before.
  const char* beginWrite() const override {
    return "BEGIN; SELECT pg_advisory_xact_lock(hashtext(current_setting('search_path')), 1)";
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
    if (startsWithAny(code, {"55P03", "40", "53300"}))
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
    if (!nativeCode.empty()) return errorOf(nativeCode, text);
    const auto& server = serverAt(place);
    const auto name = server.host.empty() ? std::string("this computer") : server.host;
    switch (ping(server)) {
      case PQPING_OK:
        break;
      case PQPING_REJECT:
        return {ErrorCode::StoreUnreachable,
                "The server of the store on " + name + " is starting or stopping.", text};
      default:
        return {ErrorCode::StoreUnreachable,
                "The server of the store on " + name +
                    " does not answer. Look whether it runs and the network is there.",
                text};
    }
    return {
        ErrorCode::StoreRefused,
        "The server on " + name + " does not let \"" + server.user + "\" into the database \"" +
            server.database +
            (server.isLocal() ? "\": look at both names and at the password."
                              : "\", or does not prove who it is by TLS: look at both names, at "
                                "the password, and at the server's certificate."),
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
  if (!server.isLocal())
    options += " sslmode=verify-full ssl_min_protocol_version=TLSv1.2 gssencmode=disable";
  if (!server.rootCertificate.empty())
    options += " sslrootcert='" + server.rootCertificate.string() + "'";
  if (!server.passwordFile.empty()) options += " passfile='" + server.passwordFile.string() + "'";
  return options;
}

}  // namespace postgres

}  // namespace countersign
