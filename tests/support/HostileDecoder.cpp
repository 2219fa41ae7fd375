// SPDX-License-Identifier: GPL-3.0-or-later
//
// A decoding helper whose decoder does what the first byte of an image tells it to: what an image
// made to do harm could make a decoder do. Anything else is decoded.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <opencv2/core.hpp>
#include <string_view>
#include <thread>

#include "core/imaging/ConfinedDecoding.h"
#include "core/imaging/internal/DecoderArena.h"
#include "core/imaging/internal/ImageDecoders.h"

namespace countersign {

namespace {

/// What an image gets back that reached what it must not reach.
Result<DecodedImage> reached(bool isReached) {
  return Error{ErrorCode::ImageNotDecodable, isReached ? "Reached." : "Not reached.", ""};
}

DecoderArena& arenaOf(std::span<const std::uint8_t> bytes) {
  auto* file = const_cast<std::uint8_t*>(bytes.data());
  return *reinterpret_cast<DecoderArena*>(file - offsetof(DecoderArena, file));
}

/// Whether anything of an image before, or of its picture, can still be read.
bool remembers(std::span<const std::uint8_t> bytes) {
  const auto& arena = arenaOf(bytes);
  const auto isSet = [](std::uint8_t byte) { return byte != 0; };
  return std::any_of(arena.file.begin() + static_cast<std::ptrdiff_t>(bytes.size()),
                     arena.file.end(), isSet) ||
         std::any_of(arena.pixels.begin(), arena.pixels.end(), isSet);
}

/// Answers by itself, and every question after that, too.
[[noreturn]] void answerForOthers(std::span<const std::uint8_t> bytes) {
  const std::string_view forged = "Forged.";
  for (;;) {
    auto& reply = arenaOf(bytes).reply;
    std::copy(forged.begin(), forged.end(), reply.message.begin());
    ::send(kDecoderQuestions, "d", 1, MSG_NOSIGNAL);
    char word = 0;
    ::recv(kDecoderQuestions, &word, 1, 0);
  }
}

Result<DecodedImage> lie(int width, int orientation, ImageFormat format) {
  DecodedImage image{cv::Mat(4, 4, CV_8UC1, cv::Scalar(1)), {}};
  image.header.width = width;
  image.header.height = 4;
  image.header.orientation = orientation;
  image.header.format = format;
  return image;
}

[[noreturn]] void spin() {
  volatile unsigned turns = 0;
  for (;;) turns = turns + 1;
}

Result<DecodedImage> obey(std::span<const std::uint8_t> bytes, const ImageLimits& limits) {
  switch (bytes.empty() ? 0 : bytes[0]) {
    case 'c':
      std::raise(SIGSEGV);
      break;
    case 'a':
      std::abort();
    case 'e':
      std::_Exit(3);
    case 'E':
      std::_Exit(0);
    case 'p':
      return reached(remembers(bytes));
    case 'l':
      answerForOthers(bytes);
    case 'y':  // more than its answer
      for (int i = 0; i < 20; ++i) {
        ::send(kDecoderQuestions, "", 0, MSG_NOSIGNAL);
        ::send(kDecoderQuestions, "d", 1, MSG_NOSIGNAL);
      }
      break;
    case 'Y':
      ::send(kDecoderQuestions, "", 0, MSG_NOSIGNAL);
      break;
    case 's':
      spin();
    case 'r':
      return reached(::open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0);
    case 'w':
      return reached(::open(reinterpret_cast<const char*>(bytes.data() + 1),
                            O_CREAT | O_WRONLY | O_CLOEXEC, 0600) >= 0);
    case 'n':
      return reached(::socket(AF_INET, SOCK_STREAM, 0) >= 0);
    case 'f':
      return reached(::fork() >= 0);
    case 't':
      std::thread([] {}).join();
      return reached(true);
    case 'x':
      ::execl("/bin/true", "true", nullptr);
      return reached(false);
    case 'k':
      return reached(::kill(::getppid(), SIGKILL) == 0);
    case 'm':
      return reached(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    case 'g':
      return reached(::mmap(nullptr, std::size_t{8} << 30U, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    case 'q':  // answers before it is asked to, again and again, and then breaks down
      for (int i = 0; i < 50; ++i) ::send(kDecoderQuestions, "q", 1, MSG_NOSIGNAL);
      std::abort();
    case 'o':  // to where it does not belong
      return reached(::send(kDecoderNews, "r", 1, MSG_NOSIGNAL) == 1);
    case '1':
      return lie(400, 1, ImageFormat::Png);
    case '2':
      return lie(4, 1, static_cast<ImageFormat>(99));
    case '3':
      return Error{ErrorCode::ImageNotDecodable, "", ""};
    case '4':
      return Error{ErrorCode::ImageNotDecodable, "Two\nlines.", ""};
    default:
      break;
  }
  return decodeHere(bytes, limits);
}

}  // namespace

}  // namespace countersign

int main() { return countersign::serveImages(&countersign::obey, 1); }
