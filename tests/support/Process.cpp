// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/Process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/TemporaryFolder.h"

extern char** environ;

namespace countersign::test {

namespace {

pid_t spawn(const std::vector<std::string>& arguments, const std::string& output,
            const std::string& errors) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int kMode = 0600;
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), flags, kMode);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), flags, kMode);
  pid_t process = -1;
  if (posix_spawn(&process, argv[0], &actions, nullptr, argv.data(), environ) != 0) process = -1;
  posix_spawn_file_actions_destroy(&actions);
  return process;
}

std::string contentOf(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

int exitCodeOf(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

}  // namespace

ProcessResult runProgram(const std::vector<std::string>& arguments) {
  const TemporaryFolder folder;
  const auto began = std::chrono::steady_clock::now();
  const pid_t process =
      spawn(arguments, (folder.path() / "out").string(), (folder.path() / "err").string());
  int status = 0;
  rusage usage{};
  ProcessResult result;
  if (process < 0 || ::wait4(process, &status, 0, &usage) != process) return result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  result.exitCode = exitCodeOf(status);
  result.peakKilobytes = usage.ru_maxrss;
  result.output = contentOf(folder.path() / "out");
  result.errors = contentOf(folder.path() / "err");
  return result;
}

ProcessResult runCli(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), COUNTERSIGN_CLI);
  return runProgram(arguments);
}

pid_t startProgram(const std::vector<std::string>& arguments) {
  return spawn(arguments, "/dev/null", "/dev/null");
}

pid_t startCli(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), COUNTERSIGN_CLI);
  return startProgram(arguments);
}

int endProcess(pid_t process, int signal) {
  // Less than 1 would mean others than this process.
  if (process <= 0) return -2;
  ::kill(process, signal);
  int status = 0;
  if (::waitpid(process, &status, 0) != process) return -2;
  if (WIFSIGNALED(status) && WTERMSIG(status) != signal) return -2;
  return exitCodeOf(status);
}

}  // namespace countersign::test
