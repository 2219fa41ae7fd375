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

#include "core/storage/internal/SqlDialect.h"

namespace countersign {

namespace {

QString fromUtf8(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

[[noreturn]] void fail(const QSqlError& failure) {
  const auto error =
      dialect::errorOf(failure.nativeErrorCode().toStdString(), failure.text().toStdString());
  throw SqlFailure(error.code, error.message, error.detail);
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

}  // namespace

struct SqlConnection::State {
  QString name;
  QSqlDatabase database;
};

SqlConnection::SqlConnection(const std::filesystem::path& file, Use use)
    : m_state(std::make_unique<State>()) {
  ensureApplication();
  static std::atomic<unsigned> counter = 0;
  m_state->name = QStringLiteral("countersign-%1").arg(++counter);
  m_state->database = QSqlDatabase::addDatabase(QLatin1String(dialect::kDriver), m_state->name);
  auto& database = m_state->database;
  database.setDatabaseName(fromUtf8(file.string()));
  database.setConnectOptions(
      QLatin1String(use == Use::Look ? dialect::kLookOptions : dialect::kConnectOptions));
  try {
    if (!database.open()) fail(database.lastError());
    if (use == Use::Work)
      for (const auto& statement : dialect::onConnect()) run(statement);
    if (use == Use::Keys)
      for (const auto& statement : dialect::onConnectKeys()) run(statement);
  } catch (...) {
    database = {};
    QSqlDatabase::removeDatabase(m_state->name);
    throw;
  }
}

SqlConnection::~SqlConnection() {
  m_state->database.close();
  m_state->database = {};  // Qt warns about a connection that is removed while it is referred to
  QSqlDatabase::removeDatabase(m_state->name);
}

void SqlConnection::run(std::string_view sql) {
  QSqlQuery query(m_state->database);
  if (!query.exec(fromUtf8(sql))) fail(query.lastError());
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
    SqlStatement(*this, dialect::kCountTables).bind(std::string()).run().next();
    error = dialect::copyDatabase(*static_cast<void* const*>(handle.constData()), file, goesOn);
  } catch (...) {
    end();
    throw;
  }
  end();
  if (error) throw SqlFailure(error->code, error->message, error->detail);
}

struct SqlStatement::State {
  QSqlQuery query;
};

SqlStatement::SqlStatement(SqlConnection& connection, std::string_view sql)
    : m_state(new State{QSqlQuery(connection.m_state->database)}) {
  m_state->query.setForwardOnly(true);
  if (!m_state->query.prepare(fromUtf8(sql))) fail(m_state->query.lastError());
}

SqlStatement::~SqlStatement() = default;

SqlStatement& SqlStatement::bind(std::int64_t value) {
  m_state->query.addBindValue(static_cast<qlonglong>(value));
  return *this;
}

SqlStatement& SqlStatement::bind(double value) {
  m_state->query.addBindValue(value);
  return *this;
}

SqlStatement& SqlStatement::bind(const std::string& value) {
  m_state->query.addBindValue(fromUtf8(value));
  return *this;
}

SqlStatement& SqlStatement::bind(const Bytes& value) {
  // An empty array would be bound as NULL, which says something else.
  m_state->query.addBindValue(value.empty()
                                  ? QByteArray("")
                                  : QByteArray(reinterpret_cast<const char*>(value.data()),
                                               static_cast<qsizetype>(value.size())));
  return *this;
}

SqlStatement& SqlStatement::bind(const std::optional<double>& value) {
  m_state->query.addBindValue(value ? QVariant(*value) : QVariant(QMetaType(QMetaType::Double)));
  return *this;
}

SqlStatement& SqlStatement::bind(const std::optional<std::int64_t>& value) {
  m_state->query.addBindValue(value ? QVariant(static_cast<qlonglong>(*value))
                                    : QVariant(QMetaType(QMetaType::LongLong)));
  return *this;
}

SqlStatement& SqlStatement::bind(const std::optional<std::string>& value) {
  if (value) return bind(*value);
  m_state->query.addBindValue(QVariant(QMetaType(QMetaType::QString)));
  return *this;
}

SqlStatement& SqlStatement::run() {
  if (!m_state->query.exec()) fail(m_state->query.lastError());
  return *this;
}

bool SqlStatement::next() {
  if (m_state->query.next()) return true;
  // A damaged page shows only when it is stepped on.
  if (m_state->query.lastError().isValid()) fail(m_state->query.lastError());
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
  return {array.begin(), array.end()};
}

bool SqlStatement::isNull(int column) const { return m_state->query.isNull(column); }

SqlStatement::Kind SqlStatement::kind(int column) const {
  if (isNull(column)) return Kind::Null;
  switch (m_state->query.value(column).typeId()) {
    case QMetaType::LongLong:
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

SqlTransaction::SqlTransaction(SqlConnection& connection, Kind kind) : m_connection(connection) {
  m_connection.run(kind == Kind::Change ? dialect::kBeginWrite : "BEGIN");
}

SqlTransaction::~SqlTransaction() {
  if (!m_isOpen) return;
  try {
    m_connection.run("ROLLBACK");
  } catch (
      const SqlFailure&) {  // NOLINT(bugprone-empty-catch): the database has rolled back itself
  }
}

void SqlTransaction::commit() {
  m_connection.run("COMMIT");
  m_isOpen = false;
}

}  // namespace countersign
