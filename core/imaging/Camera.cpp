// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/Camera.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <thread>

#include "core/base/File.h"

namespace countersign {

namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

std::string firstLine(const fs::path& file) {
  std::string line;
  std::ifstream stream(file);
  std::getline(stream, line);
  return line;
}

bool isDevice(const std::string& source) {
  std::error_code failure;
  return fs::is_character_file(source, failure) || source.starts_with("/dev/");
}

Error lost(const std::string& detail) {
  return {ErrorCode::FileNotReadable,
          "The camera gives no pictures any more. Look whether it is connected, and try again.",
          detail};
}

}  // namespace

std::vector<CameraDevice> cameras(const fs::path& systemFolder) {
  std::vector<std::pair<int, CameraDevice>> found;
  std::error_code failure;
  for (fs::directory_iterator at(systemFolder, failure), end; !failure && at != end;
       at.increment(failure)) {
    constexpr std::string_view kPrefix = "video";
    const auto name = at->path().filename().string();
    // A camera has further nodes for what describes its pictures; the first gives the pictures.
    if (!name.starts_with(kPrefix) || firstLine(at->path() / "index") != "0") continue;
    const auto digits = name.substr(kPrefix.size());
    if (digits.empty() || digits.size() > 4 ||
        digits.find_first_not_of("0123456789") != std::string::npos)
      continue;
    auto called = firstLine(at->path() / "name");
    if (called.empty()) called = name;
    found.emplace_back(std::stoi(digits), CameraDevice{"/dev/" + name, std::move(called)});
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<CameraDevice> devices;
  devices.reserve(found.size());
  for (auto& [number, device] : found) devices.push_back(std::move(device));
  return devices;
}

struct CameraStream::Impl {
  cv::VideoCapture capture;
  bool isFile = false;
  double secondsPerFrame = 0;  ///< Of a file.
  std::int64_t frames = 0;     ///< Taken so far, with those that were left out.
  SteadyClock::time_point began = SteadyClock::now();

  double elapsed() const {
    return std::chrono::duration<double>(SteadyClock::now() - began).count();
  }
};

CameraStream::CameraStream(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
CameraStream::CameraStream(CameraStream&&) noexcept = default;
CameraStream& CameraStream::operator=(CameraStream&&) noexcept = default;
CameraStream::~CameraStream() = default;

Result<CameraStream> CameraStream::open(const std::string& source) try {
  auto impl = std::make_unique<Impl>();
  impl->isFile = !isDevice(source);
  std::error_code failure;
  if (!fs::exists(source, failure))
    return Error{ErrorCode::FileNotReadable,
                 impl->isFile
                     ? quoted(fs::path(source)) + " is not there."
                     : "The camera " + source + " is not there. Connect it, and try again.",
                 ""};
  const bool isOpen = impl->capture.open(source, impl->isFile ? cv::CAP_FFMPEG : cv::CAP_V4L2);
  if (!isOpen)
    return Error{ErrorCode::FileNotReadable,
                 impl->isFile
                     ? quoted(fs::path(source)) + " is no video that can be read."
                     : "The camera " + source +
                           " cannot be used: another program has it, or it is not yours to use.",
                 ""};
  if (impl->isFile) {
    const double rate = impl->capture.get(cv::CAP_PROP_FPS);
    constexpr double kSlowest = 1;
    constexpr double kFastest = 240;
    constexpr double kUsual = 25;
    impl->secondsPerFrame = 1 / (rate >= kSlowest && rate <= kFastest ? rate : kUsual);
  } else {
    // What faces are found in at a pace that follows a movement.
    constexpr int kWidth = 640;
    constexpr int kHeight = 480;
    impl->capture.set(cv::CAP_PROP_FRAME_WIDTH, kWidth);
    impl->capture.set(cv::CAP_PROP_FRAME_HEIGHT, kHeight);
    impl->capture.set(cv::CAP_PROP_BUFFERSIZE, 1);  // the newest picture, not one of a second ago
  }
  impl->began = SteadyClock::now();
  return CameraStream(std::move(impl));
} catch (const cv::Exception& e) {
  return Error{ErrorCode::FileNotReadable, quoted(fs::path(source)) + " gives no pictures.",
               e.what()};
}

Result<std::optional<CameraFrame>> CameraStream::next() try {
  auto& stream = *m_impl;
  CameraFrame frame;
  if (!stream.isFile) {
    if (!stream.capture.read(frame.picture) || frame.picture.empty()) return lost("");
    frame.seconds = stream.elapsed();
  } else {
    // Skip what is past, wait for what is to come. A file that cannot be decoded as fast as it
    // plays would be skipped for ever: it is shown more slowly instead.
    constexpr int kMostSkipped = 12;
    const auto lag = [&] {
      return stream.elapsed() - static_cast<double>(stream.frames) * stream.secondsPerFrame;
    };
    for (int i = 0; i < kMostSkipped && lag() > stream.secondsPerFrame; ++i) {
      if (!stream.capture.grab()) return std::optional<CameraFrame>();
      ++stream.frames;
    }
    if (lag() > stream.secondsPerFrame)
      stream.began +=
          std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(lag()));
    frame.seconds = static_cast<double>(stream.frames) * stream.secondsPerFrame;
    std::this_thread::sleep_for(std::chrono::duration<double>(-lag()));
    if (!stream.capture.read(frame.picture) || frame.picture.empty())
      return std::optional<CameraFrame>();
    ++stream.frames;
  }
  if (frame.picture.channels() == 1) cv::cvtColor(frame.picture, frame.picture, cv::COLOR_GRAY2BGR);
  frame.picture = frame.picture.clone();  // the capture uses its memory again
  return std::optional(std::move(frame));
} catch (const cv::Exception& e) { return lost(e.what()); }

}  // namespace countersign
