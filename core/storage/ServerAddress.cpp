// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/ServerAddress.h"

#include <arpa/inet.h>
#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "core/base/File.h"
#include "core/base/Sha256.h"
#include "core/storage/Store.h"
#include "core/storage/internal/Sql.h"
#include "core/storage/internal/SqlPlace.h"

namespace countersign {

namespace {

namespace fs = std::filesystem;

constexpr const char* kServerFile = "server.url";
constexpr std::uintmax_t kLongestUrl = 4096;

Error badAddress(const std::string& sentence, const std::string& detail = {}) {
  return {ErrorCode::OptionOutOfRange, sentence, detail};
}

/// Letters, digits and what no part of an address is divided by.
std::string percentEncoded(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr unsigned kNibble = 4;
  constexpr unsigned kLow = 0xf;
  std::string encoded;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> kNibble];
    encoded += kDigits[byte & kLow];
  }
  return encoded;
}

/// What a connection is told goes through a text of words and quotes.
bool isPlain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\'' || c == '\\' || c == ';';
  });
}

std::mutex passwordsMutex;                                       // NOLINT: guards the next one
std::map<std::string, std::shared_ptr<const Secret>> passwords;  // NOLINT: for the whole program

}  // namespace

bool ServerAddress::isLocal() const {
  in_addr number{};
  return host.empty() || host.front() == '/' || host == "localhost" || host == "::1" ||
         (host.starts_with("127.") && ::inet_pton(AF_INET, host.c_str(), &number) == 1);
}

bool isServerUrl(std::string_view text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

Result<ServerAddress> serverAddressOf(const std::string& url) {
  if (!isServerUrl(url))
    return badAddress(
        "The address of a server begins with postgresql://, for example "
        "postgresql://office@server.example/countersign.");
  char* reason = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(url.c_str(), &reason), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> said(reason, &PQfreemem);
  if (!parsed)
    return badAddress(
        "This is no address of a server, as in "
        "postgresql://office@server.example/countersign.",
        said ? said.get() : "");
  ServerAddress address;
  for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view name(option->keyword);
    const std::string value(option->val);
    if (!isPlain(value))
      return badAddress("The address of a server has no quotes, bars or semicolons in it.");
    if (name == "host") {
      address.host = value;
    } else if (name == "port") {
      constexpr int kHighest = 65535;
      const auto [end, failure] =
          std::from_chars(value.data(), value.data() + value.size(), address.port);
      if (failure != std::errc() || *end != '\0' || address.port < 1 || address.port > kHighest)
        return badAddress("The port of a server is a number from 1 to 65535.");
    } else if (name == "dbname") {
      address.database = value;
    } else if (name == "user") {
      address.user = value;
    } else if (name == "sslrootcert") {
      address.rootCertificate = value;
    } else if (name == "passfile") {
      address.passwordFile = value;
    } else if (name == "password") {
      return badAddress(
          "A password does not belong into an address, which others can see. Keep it in ~/.pgpass, "
          "or in a file named by passfile=, that only you may read.");
    } else if (name != "sslmode" || value != "verify-full") {
      return badAddress("The address of a server takes no option " + std::string(name) +
                        " but passfile and sslrootcert.");
    }
  }
  if (address.host.find(',') != std::string::npos)
    return badAddress("A store is on one server; the address names several.");
  if (address.database.empty())
    return badAddress(
        "The address of a server ends with the name of a database, as in "
        "postgresql://office@server.example/countersign.");
  if (address.user.empty())
    return badAddress(
        "The address of a server names the user whom it knows, as in "
        "postgresql://office@server.example/countersign.");
  return address;
}

std::string urlOf(const ServerAddress& address) {
  constexpr int kUsualPort = 5432;
  std::string url = "postgresql://" + percentEncoded(address.user) + "@";
  const bool isNumber6 = address.host.find(':') != std::string::npos;
  url += isNumber6 ? "[" + address.host + "]" : percentEncoded(address.host);
  if (address.port != kUsualPort) url += ":" + std::to_string(address.port);
  url += "/" + percentEncoded(address.database);
  char mark = '?';
  for (const auto& [name, path] :
       {std::pair("passfile", address.passwordFile), {"sslrootcert", address.rootCertificate}}) {
    if (path.empty()) continue;
    url += mark + std::string(name) + "=" + percentEncoded(path.string());
    mark = '&';
  }
  return url;
}

Result<fs::path> folderOfServer(const ServerAddress& address) {
  // Whatever else may change about the way there, it is the same store.
  auto named = address;
  named.passwordFile.clear();
  named.rootCertificate.clear();
  constexpr std::size_t kDigits = 8;
  const auto hash = Sha256().add(urlOf(named)).finish().substr(0, kDigits);
  std::string name = address.database;
  if (!address.host.empty() && address.host.front() != '/') name += "@" + address.host;
  std::replace(name.begin(), name.end(), '/', '-');
  const auto folder = defaultStoreFolder().parent_path() / "servers" / (name + "-" + hash);
  const auto known = readTextFile(folder / kServerFile, kLongestUrl);
  if (!known || *known != urlOf(address) + "\n")
    if (auto status = nameServer(folder, address); !status) return status.error();
  return folder;
}

Result<std::optional<ServerAddress>> serverOf(const fs::path& folder) {
  std::error_code ignored;
  const auto file = folder / kServerFile;
  if (!fs::exists(file, ignored)) return std::optional<ServerAddress>();
  const auto text = readTextFile(file, kLongestUrl);
  if (!text) return text.error();
  const auto address = serverAddressOf(text->substr(0, text->find_first_of("\r\n")));
  if (!address)
    return Error{ErrorCode::FileMalformed,
                 quoted(file) + " names no server. " + address.error().message,
                 address.error().detail};
  return std::optional(*address);
}

Status nameServer(const fs::path& folder, const ServerAddress& address) {
  std::error_code failure;
  for (const char* file : {"store.db", "keys.db"})
    if (fs::exists(folder / file, failure))
      return Error{ErrorCode::AlreadyEnrolled,
                   "There is a store in " + quoted(folder) +
                       " itself. Copy it to the server first (countersign-cli store copy), and "
                       "move it out of the way.",
                   ""};
  fs::create_directories(folder / "networks", failure);
  if (failure)
    return Error{ErrorCode::FileNotWritable, quoted(folder) + " could not be made.",
                 failure.message()};
  fs::permissions(folder, fs::perms::owner_all, failure);
  return writeFileAtomically(folder / kServerFile, urlOf(address) + "\n");
}

Status forgetServer(const fs::path& folder) {
  std::error_code failure;
  fs::remove(folder / kServerFile, failure);
  if (!failure) return ok();
  return Error{ErrorCode::FileNotWritable, quoted(folder / kServerFile) + " could not be deleted.",
               failure.message()};
}

Result<fs::path> storeFolderNamed(const std::string& text) {
  if (!isServerUrl(text)) return fs::path(text);
  const auto address = serverAddressOf(text);
  if (!address) return address.error();
  return folderOfServer(*address);
}

std::string placeText(const fs::path& folder) {
  const auto server = serverOf(folder);
  return server && *server ? urlOf(**server) : quoted(folder);
}

void rememberServerPassword(const ServerAddress& address, std::shared_ptr<const Secret> password) {
  const std::scoped_lock lock(passwordsMutex);
  passwords[urlOf(address)] = std::move(password);
}

std::shared_ptr<const Secret> serverPassword(const ServerAddress& address) {
  const std::scoped_lock lock(passwordsMutex);
  const auto at = passwords.find(urlOf(address));
  return at == passwords.end() ? nullptr : at->second;
}

namespace {

SqlPlace placeOf(const fs::path& store, const char* file) {
  const auto server = serverOf(store);
  if (!server) throw SqlFailure(server.error().code, server.error().message, server.error().detail);
  if (*server) return ServerPlace{**server};
  return store / file;
}

}  // namespace

SqlPlace rowsPlaceOf(const fs::path& store) { return placeOf(store, "store.db"); }
SqlPlace keysPlaceOf(const fs::path& store) { return placeOf(store, "keys.db"); }

}  // namespace countersign
