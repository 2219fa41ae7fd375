// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace countersign::test {

/// What became of a program that was run to its end.
struct ProcessResult {
  int exitCode = -1;   ///< −1 when it was ended by a signal.
  std::string output;  ///< stdout.
  std::string errors;  ///< stderr.
  double seconds = 0;
  long peakKilobytes = 0;  ///< Largest resident set.
};

/// Runs a program with its output caught; arguments[0] is its path.
ProcessResult runProgram(const std::vector<std::string>& arguments);

/// Runs countersign-cli.
ProcessResult runCli(std::vector<std::string> arguments);

/// Starts a program without waiting; output goes nowhere.
pid_t startProgram(const std::vector<std::string>& arguments);

/// Starts countersign-cli without waiting; output goes nowhere.
pid_t startCli(std::vector<std::string> arguments);

/// Ends a process with a signal and waits for it.
///
/// @return  its exit code, −1 when this signal ended it, −2 when another one did or there was none.
int endProcess(pid_t process, int signal);

}  // namespace countersign::test
