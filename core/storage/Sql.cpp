// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/Sql.h"

#include <QCoreApplication>
#include <QSqlDatabase>
#include <QSqlDriver>
#include <QSqlError>
#include <QSqlQuery>
#include <QString>
#include <QVariant>
#include <atomic>
#include <clocale>
#include <unordered_map>
#include <vector>

namespace countersign {

namespace {

QString fromUtf8(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

[[noreturn]] void fail(const Error& error) {
  throw SqlFailure(error.code, error.message, error.detail);
}

[[noreturn]] void fail(const SqlDialect& dialect, const QSqlError& failure) {
  fail(dialect.errorOf(failure.nativeErrorCode().toStdString(), failure.text().toStdString()));
}

/// QtSql finds its drivers through an application object; a command-line program has none.
void ensureApplication() {
  if (QCoreApplication::instance() != nullptr) return;
  static int argc = 1;
  static char name[] = "countersign";  // NOLINT(modernize-avoid-c-arrays): what Qt asks for
  static char* argv[] = {name, nullptr};
  static const QCoreApplication application(argc, argv);
  std::setlocale(LC_NUMERIC, "C");  // Qt has set the locale of the environment
}

/// The driver would tell a terminal, statement by statement, that a lost connection cannot forget
/// them.
void silenceLostStatements() {
  static QtMessageHandler other = nullptr;
  static const bool isInstalled = [] {
    other = qInstallMessageHandler(
        [](QtMsgType type, const QMessageLogContext& context, const QString& text) {
          if (!text.startsWith(QLatin1String("Unable to free statement")))
            other(type, context, text);
        });
    return true;
  }();
  static_cast<void>(isInstalled);
}

}  // namespace

struct SqlConnection::State {
  SqlPlace place;
  Use use;
  const SqlDialect& dialect;
  QString name;
  QSqlDatabase database;
  /// Statements that were prepared, and wait to be used again.
  std::unordered_map<std::string, std::vector<QSqlQuery>> idle;

  void close() {
    idle.clear();
    database.close();
    database = {};  // Qt warns about a connection that is removed while it is referred to
    QSqlDatabase::removeDatabase(name);
  }
};

SqlConnection::SqlConnection(const SqlPlace& place, Use use)
    : m_state(new State{place, use, SqlDialect::of(place), {}, {}, {}}) {
  ensureApplication();
  static std::atomic<unsigned> counter = 0;
  const auto opening = m_state->dialect.opening(place, use);
  if (!QSqlDatabase::isDriverAvailable(QLatin1String(opening.driver)))
    fail({ErrorCode::StoreFailure,
          std::string("Qt's driver ") + opening.driver +
              " is not installed on this computer; the store needs it. Install it (on Debian "
              "libqt6sql6-psql for a server, libqt6sql6-sqlite for a folder).",
          ""});
  if (isServer(place)) silenceLostStatements();
  m_state->name = QStringLiteral("countersign-%1").arg(++counter);
  m_state->database = QSqlDatabase::addDatabase(QLatin1String(opening.driver), m_state->name);
  auto& database = m_state->database;
  database.setDatabaseName(fromUtf8(opening.database));
  database.setConnectOptions(fromUtf8(opening.options));
  if (!opening.host.empty()) database.setHostName(fromUtf8(opening.host));
  if (opening.port != 0) database.setPort(opening.port);
  if (!opening.user.empty()) database.setUserName(fromUtf8(opening.user));
  try {
    const bool isOpen = opening.password
                            ? database.open(database.userName(), fromUtf8(opening.password->text()))
                            : database.open();
    if (!isOpen)
      fail(m_state->dialect.errorOfOpening(place,
                                           database.lastError().nativeErrorCode().toStdString(),
                                           database.lastError().text().toStdString()));
    m_state->dialect.onOpened(database.driver()->handle());
    for (const auto& statement : m_state->dialect.onConnect(place, use)) run(statement);
  } catch (...) {
    m_state->close();
    throw;
  }
}

SqlConnection::~SqlConnection() { m_state->close(); }

const SqlDialect& SqlConnection::dialect() const { return m_state->dialect; }
const SqlPlace& SqlConnection::place() const { return m_state->place; }

bool SqlConnection::isOpen() const { return m_state->database.isOpen(); }

void SqlConnection::run(std::string_view sql) {
  QSqlQuery query(m_state->database);
  if (!query.exec(fromUtf8(sql))) fail(m_state->dialect, query.lastError());
}

void SqlConnection::prepareForTables() {
  for (const auto& statement : m_state->dialect.beforeTables(m_state->place, m_state->use))
    run(statement);
}

bool SqlConnection::hasTable(const std::string& name) {
  SqlStatement table(*this, m_state->dialect.countTables());
  return table.bind(name).run().next() && table.integer(0) > 0;
}

void SqlConnection::copyTo(const std::filesystem::path& file,
                           const std::function<bool(int, int)>& goesOn) {
  const auto handle = m_state->database.driver()->handle();
  // Another driver's handle, or one of another copy of the library, would be something else.
  if (!handle.isValid() || std::string_view(handle.typeName()) != "sqlite3*")
    throw SqlFailure(ErrorCode::StoreFailure, "This kind of store cannot be copied.",
                     handle.typeName() == nullptr ? "" : handle.typeName());
  run("BEGIN");
  const auto end = [this] { QSqlQuery(m_state->database).exec(QStringLiteral("ROLLBACK")); };
  std::optional<Error> error;
  try {
    // What is read from here on is as of this moment.
    static_cast<void>(hasTable(""));
    error = sqlite::copyDatabase(*static_cast<void* const*>(handle.constData()), file, goesOn);
  } catch (...) {
    end();
    throw;
  }
  end();
  if (error) fail(*error);
}

struct SqlStatement::State {
  SqlConnection::State& connection;
  std::string sql;
  QSqlQuery query;
  bool isBinding = false;  ///< Something was bound, and not run yet.
  std::size_t bytes = 0;   ///< That it holds, at least.

  void bind(const QVariant& value) {
    isBinding = true;
    query.addBindValue(value);
  }
};

SqlStatement::SqlStatement(SqlConnection& connection, std::string_view sql)
    : m_state(new State{*connection.m_state, std::string(sql),
                        QSqlQuery(connection.m_state->database)}) {
  auto& query = m_state->query;
  auto& idle = connection.m_state->idle[m_state->sql];
  if (!idle.empty()) {
    query = std::move(idle.back());
    idle.pop_back();
    return;
  }
  query.setForwardOnly(m_state->connection.dialect.doesStream());
  if (!query.prepare(fromUtf8(sql))) fail(m_state->connection.dialect, query.lastError());
}

SqlStatement::~SqlStatement() {
  // Preparing is half of what a small statement costs, and more across a network. What was bound
  // and not run would be bound again by the next one, and images are not kept for nothing.
  constexpr std::size_t kMostTexts = 200;
  constexpr std::size_t kMostBytes = 32768;
  if (!m_state->query.lastError().isValid() && !m_state->isBinding &&
      m_state->bytes <= kMostBytes && m_state->connection.idle.size() <= kMostTexts) {
    m_state->query.finish();
    m_state->connection.idle[m_state->sql].push_back(std::move(m_state->query));
  }
}

SqlStatement& SqlStatement::bind(std::int64_t value) {
  m_state->bind(static_cast<qlonglong>(value));
  return *this;
}

SqlStatement& SqlStatement::bind(double value) {
  m_state->bind(value);
  return *this;
}

SqlStatement& SqlStatement::bind(const std::string& value) {
  m_state->bind(fromUtf8(value));
  return *this;
}

SqlStatement& SqlStatement::bind(const Bytes& value) {
  m_state->bytes += value.size();
  // An empty array would be bound as NULL, which says something else.
  m_state->bind(value.empty() ? QByteArray("")
                              : QByteArray(reinterpret_cast<const char*>(value.data()),
                                           static_cast<qsizetype>(value.size())));
  return *this;
}

SqlStatement& SqlStatement::bind(const std::optional<double>& value) {
  m_state->bind(value ? QVariant(*value) : QVariant(QMetaType(QMetaType::Double)));
  return *this;
}

SqlStatement& SqlStatement::bind(const std::optional<std::int64_t>& value) {
  m_state->bind(value ? QVariant(static_cast<qlonglong>(*value))
                      : QVariant(QMetaType(QMetaType::LongLong)));
  return *this;
}

SqlStatement& SqlStatement::bind(const std::optional<std::string>& value) {
  if (value) return bind(*value);
  m_state->bind(QVariant(QMetaType(QMetaType::QString)));
  return *this;
}

SqlStatement& SqlStatement::run() {
  m_state->isBinding = false;
  if (!m_state->query.exec()) fail(m_state->connection.dialect, m_state->query.lastError());
  return *this;
}

bool SqlStatement::next() {
  if (m_state->query.next()) return true;
  // A damaged page shows only when it is stepped on.
  if (m_state->query.lastError().isValid())
    fail(m_state->connection.dialect, m_state->query.lastError());
  return false;
}

std::int64_t SqlStatement::integer(int column) const {
  return m_state->query.value(column).toLongLong();
}

double SqlStatement::real(int column) const { return m_state->query.value(column).toDouble(); }

std::string SqlStatement::text(int column) const {
  return m_state->query.value(column).toString().toStdString();
}

Bytes SqlStatement::bytes(int column) const {
  const auto array = m_state->query.value(column).toByteArray();
  m_state->bytes += static_cast<std::size_t>(array.size());
  return {array.begin(), array.end()};
}

bool SqlStatement::isNull(int column) const { return m_state->query.isNull(column); }

SqlStatement::Kind SqlStatement::kind(int column) const {
  if (isNull(column)) return Kind::Null;
  switch (m_state->query.value(column).typeId()) {
    case QMetaType::LongLong:
    case QMetaType::ULongLong:  // what QPSQL makes of a BIGINT
    case QMetaType::Int:
      return Kind::Integer;
    case QMetaType::Double:
      return Kind::Real;
    case QMetaType::QByteArray:
      return Kind::Binary;
    default:
      return Kind::Text;
  }
}

std::optional<double> SqlStatement::optionalReal(int column) const {
  if (isNull(column)) return std::nullopt;
  return real(column);
}

SqlConnection& SqlConnections::mine() {
  {
    const std::scoped_lock lock(m_mutex);
    const auto at = m_connections.find(std::this_thread::get_id());
    if (at != m_connections.end()) return *at->second;
  }
  // A server that does not answer keeps nobody else waiting.
  auto made = std::make_unique<SqlConnection>(m_place);
  const std::scoped_lock lock(m_mutex);
  return *(m_connections[std::this_thread::get_id()] = std::move(made));
}

void SqlConnections::drop() {
  const std::scoped_lock lock(m_mutex);
  m_connections.erase(std::this_thread::get_id());
}

void SqlConnections::dropAll() {
  const std::scoped_lock lock(m_mutex);
  m_connections.clear();
}

SqlTransaction::SqlTransaction(SqlConnection& connection, Kind kind) : m_connection(connection) {
  const auto& dialect = connection.dialect();
  try {
    if (kind == Kind::Look) connection.run(dialect.beginLook());
    if (kind == Kind::Change)
      for (const auto& statement : dialect.beginWrite()) connection.run(statement);
  } catch (...) {
    // It may have begun, and then waited in vain for the right to write.
    rollBack();
    throw;
  }
}

void SqlTransaction::rollBack() {
  if (!m_connection.isOpen()) return;
  try {
    m_connection.run("ROLLBACK");
  } catch (
      const SqlFailure&) {  // NOLINT(bugprone-empty-catch): the database has rolled back itself
  }
}

SqlTransaction::~SqlTransaction() {
  if (m_isOpen) rollBack();
}

void SqlTransaction::commit() {
  m_connection.run("COMMIT");
  m_isOpen = false;
}

}  // namespace countersign
