// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/PostgresServer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <libpq-fe.h>
#include <net/if.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

namespace countersign::test {

namespace fs = std::filesystem;

namespace {

/// Where Debian keeps the server's programs: the newest version's.
fs::path programs() {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none))
    if (fs::exists(entry.path() / "bin" / "postgres", none)) found.push_back(entry.path() / "bin");
  if (found.empty()) throw std::runtime_error("No PostgreSQL server is installed: run app/setup.");
  return *std::max_element(found.begin(), found.end());
}

/// The server refuses to run as root.
const passwd* unprivileged() {
  if (::getuid() != 0) return nullptr;
  const auto* user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
}

pid_t startAs(const passwd* user, const std::vector<std::string>& arguments, const fs::path& log) {
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const auto parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  constexpr int kMode = 0600;
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, kMode);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  // Whatever becomes of the test, no server is left.
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != parent) ::_exit(126);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::execv(words.front(), words.data());
  ::_exit(127);
}

int finish(pid_t process) {
  int status = 0;
  ::waitpid(process, &status, 0);
  return status;
}

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::string addressOnTheNetwork() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> held(all, &::freeifaddrs);
  for (const auto* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET ||
        (one->ifa_flags & IFF_LOOPBACK) != 0)
      continue;
    std::array<char, INET_ADDRSTRLEN> text{};
    const auto* address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
    return ::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
  }
  return {};
}

PostgresServer::PostgresServer(Options options)
    : m_options(std::move(options)), m_data(m_folder.path() / "data") {
  fs::create_directories(m_data);
  fs::create_directories(socketFolder());
  const auto password = m_folder.path() / "password";
  std::ofstream(password) << kPassword << '\n';
  const auto* user = unprivileged();
  if (user != nullptr)
    for (const auto& path : {m_folder.path(), m_data, socketFolder(), password})
      if (::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0)
        throw std::runtime_error("The server's folder cannot be given away.");
  const auto log = m_folder.path() / "initdb.log";
  const auto made =
      finish(startAs(user,
                     {programs() / "initdb", "-D", m_data, "-U", kUser, "-A",
                      m_options.authentication, "--pwfile", password, "-E", "UTF8", "-N"},
                     log));
  if (made != 0) throw std::runtime_error("No PostgreSQL server was made: " + content(log));
  std::ofstream settings(m_data / "postgresql.conf", std::ios::app);
  settings << "listen_addresses = '" << m_options.address << "'\n"
           << "port = " << m_options.port << "\n"
           << "unix_socket_directories = '" << socketFolder().string() << "'\n"
           << "max_connections = 200\nshared_buffers = 64MB\n"
           << "fsync = " << (m_options.isDurable ? "on" : "off") << "\n"
           << "ssl = " << (m_options.hasTls ? "on" : "off") << "\n";
  settings.close();
  if (!m_options.address.empty())
    std::ofstream(m_data / "pg_hba.conf", std::ios::app)
        << "host all all " << m_options.address << "/32 " << m_options.authentication << "\n";
  if (m_options.hasTls) makeCertificate();
  start();
}

void PostgresServer::makeCertificate() const {
  const auto made =
      finish(startAs(unprivileged(),
                     {"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                      "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                      "/CN=countersign test", "-addext", "subjectAltName=IP:" + m_options.address,
                      "-keyout", m_data / "server.key", "-out", m_data / "server.crt"},
                     m_folder.path() / "openssl.log"));
  if (made != 0)
    throw std::runtime_error("No certificate: " + content(m_folder.path() / "openssl.log"));
  fs::copy_file(m_data / "server.crt", certificate());
}

PostgresServer::~PostgresServer() { end(SIGINT); }

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

void PostgresServer::start() {
  m_process = startAs(unprivileged(), {programs() / "postgres", "-D", m_data},
                      m_folder.path() / "server.log");
  awaitAnswer();
}

void PostgresServer::awaitAnswer() const {
  const auto port = std::to_string(m_options.port);
  const auto socket = socketFolder().string();
  const std::vector<const char*> names{"host", "port", "dbname", nullptr};
  const std::vector<const char*> values{socket.c_str(), port.c_str(), "postgres", nullptr};
  constexpr int kTries = 1500;
  for (int i = 0; i < kTries; ++i) {
    if (PQpingParams(names.data(), values.data(), 0) == PQPING_OK) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("The server does not start: " + content(m_folder.path() / "server.log"));
}

void PostgresServer::end(int signal) {
  if (m_process < 0) return;
  ::kill(m_process, signal);
  finish(m_process);
  m_process = -1;
}

void PostgresServer::kill() { end(SIGKILL); }
void PostgresServer::stop() { end(SIGINT); }

std::string PostgresServer::newDatabase() {
  const auto name = "office_" + std::to_string(++m_databases);
  run("postgres", "CREATE DATABASE " + name + " TEMPLATE template0");
  std::string socket;
  for (const char c : socketFolder().string())
    socket += c == '/' ? std::string("%2F") : std::string(1, c);
  return std::string("postgresql://") + kUser + "@" + socket + ":" +
         std::to_string(m_options.port) + "/" + name;
}

std::vector<std::string> PostgresServer::run(const std::string& database,
                                             const std::string& sql) const {
  const auto port = std::to_string(m_options.port);
  const auto socket = socketFolder().string();
  const std::vector<const char*> names{"host", "port", "dbname", "user", "password", nullptr};
  const std::vector<const char*> values{socket.c_str(), port.c_str(), database.c_str(),
                                        kUser,          kPassword,    nullptr};
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdbParams(names.data(), values.data(), 0), &PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             &PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  std::vector<std::string> rows;
  rows.reserve(static_cast<std::size_t>(PQntuples(result.get())));
  for (int i = 0; i < PQntuples(result.get()); ++i)
    rows.emplace_back(PQgetvalue(result.get(), i, 0));
  return rows;
}

}  // namespace countersign::test
