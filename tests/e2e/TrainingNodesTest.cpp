// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two processes that train one network together, over Gloo on this computer.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <future>
#include <thread>

#include "core/base/File.h"
#include "core/corpus/SyntheticCorpus.h"
#include "core/metric/NetworkFile.h"
#include "core/training/Checkpoint.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

/// Bound to a port of this computer; 0: any.
int boundSocket(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  const auto address = loopback(port);
  EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  return socket;
}

/// A port that was free a moment ago.
int freePort() {
  const int socket = boundSocket(0);
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

class TrainingNodes : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    corpus = std::make_unique<TemporaryFolder>();
    ASSERT_TRUE(
        writeSyntheticCorpus(corpus->path(), {.signers = 12, .genuine = 4, .forgeries = 2}));
  }
  static void TearDownTestSuite() { corpus.reset(); }
  void TearDown() override {
    if (m_listener >= 0) ::close(m_listener);
  }

  /// Of a training with a tiny network: `subjects` people in a batch of each process.
  std::vector<std::string> command(const std::string& name, int subjects, int steps,
                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"train",
                                 "--root",
                                 corpus->path().string(),
                                 "--output",
                                 output(name).string(),
                                 "--checkpoint-every",
                                 "1"};
    for (const std::string change :
         {"architecture.channels=[4,8,8]", "architecture.strides=[2,2]", "architecture.gridRows=2",
          "architecture.gridColumns=4", "architecture.embeddingSize=32",
          "architecture.mapChannels=0", "isHalfPrecision=false", "batch.genuine=2",
          "batch.forgeries=1"})
      all.insert(all.end(), {"--set", change});
    all.insert(all.end(), {"--set", "batch.subjects=" + std::to_string(subjects), "--set",
                           "steps=" + std::to_string(steps), "--set",
                           "stepsPerEpoch=" + std::to_string(std::min(steps, 20))});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<std::string> node(int index, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"--nodes", "2",
                                 "--node",  std::to_string(index),
                                 "--meet",  "127.0.0.1:" + std::to_string(m_port)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::filesystem::path output(const std::string& name) const {
    return m_folder.path() / (name + ".safetensors");
  }
  std::filesystem::path runOf(const std::string& name) const {
    return output(name).string() + ".run";
  }

  /// Both, until both have ended.
  std::pair<ProcessResult, ProcessResult> together(const std::vector<std::string>& first,
                                                   const std::vector<std::string>& second) const {
    auto other = std::async(std::launch::async, [&] { return runCli(second); });
    auto own = runCli(first);
    return {std::move(own), other.get()};
  }

  double differenceOf(const std::string& a, const std::string& b) const {
    const auto one = readNetworkFile(output(a));
    const auto two = readNetworkFile(output(b));
    EXPECT_TRUE(one && two);
    if (!one || !two) return 1e9;
    double largest = 0;
    for (const auto& [name, tensor] : one->weights) {
      const auto x = tensor.as<float>();
      const auto y = two->weights.at(name).as<float>();
      for (std::size_t i = 0; i < x.size(); ++i)
        largest = std::max(largest, static_cast<double>(std::abs(x[i] - y[i])));
    }
    return largest;
  }

  std::filesystem::path errorsOf(const std::string& name) const {
    return m_folder.path() / (name + ".errors");
  }
  /// Connects, says something that no node would, and goes.
  void comeByAndGo() const {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto address = loopback(m_port);
    int status = -1;
    for (int i = 0; i < 3000 && status != 0; ++i) {  // until its images are read, and it listens
      status = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
      if (status != 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(status, 0);
    const std::string words = "GET / HTTP/1.1\r\nHost: somebody\r\n\r\n";
    EXPECT_GT(::send(socket, words.data(), words.size(), MSG_NOSIGNAL), 0);
    ::close(socket);
  }

  /// Listens where node 0 would, until somebody comes.
  void waitForSomebody() const {
    const int listener = boundSocket(m_port);
    EXPECT_EQ(::listen(listener, 1), 0);
    pollfd one{listener, POLLIN, 0};
    EXPECT_EQ(::poll(&one, 1, 30'000), 1);
    // It stays in the queue: whoever came is connected, and hears nothing.
    m_listener = listener;
  }

  std::int64_t stepOfRun(const std::string& name) const {
    const auto checkpoint = CheckpointFolder(runOf(name)).newest();
    return checkpoint ? stepOf(*checkpoint) : 0;
  }
  void waitForStep(const std::string& name, std::int64_t step) const {
    for (int i = 0; i < 6000 && stepOfRun(name) < step; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_GE(stepOfRun(name), step);
  }

  static inline std::unique_ptr<TemporaryFolder> corpus;
  const TemporaryFolder m_folder;
  const int m_port = freePort();
  mutable int m_listener = -1;
};

TEST_F(TrainingNodes, LearnWhatOneProcessWithTheirBatchesLearns) {
  constexpr int kSteps = 20;
  ASSERT_EQ(runCli(command("one", 6, kSteps)).exitCode, 0);
  ASSERT_EQ(runCli(command("half", 3, kSteps)).exitCode, 0);
  const auto [first, second] =
      together(command("a", 3, kSteps, node(0)), command("b", 3, kSteps, node(1)));
  ASSERT_EQ(first.exitCode, 0) << first.errors;
  ASSERT_EQ(second.exitCode, 0) << second.errors;
  EXPECT_EQ(differenceOf("a", "b"), 0);
  const double difference = differenceOf("one", "a");
  EXPECT_LT(difference, 1e-4);
  EXPECT_GT(differenceOf("one", "half"), 10 * difference)
      << "half a batch would learn something else";
  std::printf("largest difference of a weight after %d steps: %.2g\n", kSteps, difference);
  EXPECT_THAT(readNetworkFile(output("a"))->card.training.command, HasSubstr("--node 0"));
}

// With maps for the local comparison, a batch that five do not share evenly, and fewer people than
// were asked for.
TEST_F(TrainingNodes, MayBeAnyNumber) {
  constexpr int kNodes = 5;
  const auto withMaps = [&](const std::string& name, int subjects, std::vector<std::string> more) {
    more.insert(more.end(), {"--set", "architecture.mapChannels=6"});
    return command(name, subjects, 4, more);
  };
  ASSERT_EQ(runCli(withMaps("one", 5 * kNodes, {})).exitCode, 0);
  std::vector<std::future<ProcessResult>> others;
  others.reserve(kNodes);
  for (int index = 0; index < kNodes; ++index)
    others.push_back(std::async(std::launch::async, [&, index] {
      return runCli(withMaps(std::to_string(index), 5,
                             {"--nodes", std::to_string(kNodes), "--node", std::to_string(index),
                              "--meet", "127.0.0.1:" + std::to_string(m_port)}));
    }));
  for (auto& other : others) {
    const auto result = other.get();
    EXPECT_EQ(result.exitCode, 0) << result.errors;
  }
  for (int index = 1; index < kNodes; ++index)
    EXPECT_EQ(differenceOf("0", std::to_string(index)), 0);
  EXPECT_LT(differenceOf("one", "0"), 1e-4);
}

TEST_F(TrainingNodes, StopWithACheckpointWhenOneOfThemIsGone) {
  const auto endless = [&](const std::string& name, int index, bool isResumed) {
    return command(
        name, 3, 100'000,
        node(index, isResumed ? std::vector<std::string>{"--resume"} : std::vector<std::string>{}));
  };
  const auto victim = startCli(endless("b", 1, false));
  auto other = std::async(std::launch::async, [&] { return runCli(endless("a", 0, false)); });
  waitForStep("a", 5);
  EXPECT_EQ(endProcess(victim, SIGKILL), -1);
  const auto left = other.get();
  EXPECT_EQ(left.exitCode, 2);
  EXPECT_THAT(left.errors, HasSubstr("Another node is gone"));
  const auto step = stepOfRun("a");
  EXPECT_GE(step, 5);
  // Node 1 may be a step behind, or have lost everything: it goes on from where the furthest is.
  std::filesystem::remove_all(runOf("b"));
  const auto follower = startCli(endless("b", 1, true));
  auto again = std::async(std::launch::async, [&] { return runCli(endless("a", 0, true)); });
  waitForStep("a", step + 3);
  EXPECT_EQ(endProcess(follower, SIGINT), 2) << "whoever is asked to stop, all stop";
  const auto stopped = again.get();
  EXPECT_EQ(stopped.exitCode, 2);
  EXPECT_THAT(stopped.errors, HasSubstr("Training was stopped"));
  EXPECT_EQ(stepOfRun("a"), stepOfRun("b"));
}

TEST_F(TrainingNodes, RefuseWhatCannotGoTogether) {
  const auto [first, second] = together(command("a", 3, 4, node(0)), command("b", 4, 4, node(1)));
  for (const auto* result : {&first, &second}) {
    EXPECT_EQ(result->exitCode, 2);
    EXPECT_THAT(result->errors, HasSubstr("not asked for the same"));
  }
  const auto meetingAt = [&](const std::string& place) {
    return runCli(command("c", 3, 4, {"--nodes", "2", "--meet", place})).errors;
  };
  EXPECT_THAT(meetingAt("8.8.8.8:29400"), HasSubstr("neither encrypted nor authenticated"));
  EXPECT_THAT(meetingAt("[2001:4860:4860::8888]:29400"), HasSubstr("neither encrypted"));
  EXPECT_THAT(meetingAt("nowhere"), HasSubstr("no place to meet"));
  EXPECT_THAT(meetingAt("192.168.77.7:29400"), HasSubstr("no address of this computer"));
  EXPECT_THAT(runCli(command("c", 3, 4, {"--nodes", "2", "--node", "2"})).errors,
              HasSubstr("numbers from 0"));
}

TEST_F(TrainingNodes, StopWhileTheyWaitForEachOther) {
  for (const int index : {0, 1}) {
    const auto name = "alone-" + std::to_string(index);
    std::string line = "exec " COUNTERSIGN_CLI;
    for (const auto& word : command(name, 3, 4, node(index))) line += " '" + word + "'";
    const auto waiting =
        startProgram({"/bin/sh", "-c", line + " 2> '" + errorsOf(name).string() + "'"});
    // Its images are read once it listens, or comes to where the other one would listen.
    if (index == 0)
      comeByAndGo();
    else
      waitForSomebody();
    EXPECT_EQ(endProcess(waiting, SIGINT), 2);
    EXPECT_THAT(*readTextFile(errorsOf(name), 10'000), HasSubstr("before all nodes had met"));
  }
}

TEST_F(TrainingNodes, LetNobodyTakeAPlace) {
  auto first = std::async(std::launch::async, [&] { return runCli(command("a", 3, 2, node(0))); });
  comeByAndGo();
  const auto second = runCli(command("b", 3, 2, node(1)));
  EXPECT_EQ(second.exitCode, 0) << second.errors;
  EXPECT_EQ(first.get().exitCode, 0);
}

}  // namespace
}  // namespace countersign::test
