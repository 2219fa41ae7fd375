// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/ImageDecoder.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/imaging/internal/DecoderArena.h"

extern char** environ;

namespace countersign {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPage = 4096;

Error noDecoder(const std::string& detail) {
  return {ErrorCode::BackendFailure,
          "Images cannot be read, since the part of the program that decodes them "
          "(countersign-decoder) does not start. Install Countersign again.",
          detail};
}

Error brokenBy(DecoderNews news) {
  if (news == DecoderNews::TooSlow)
    return {ErrorCode::ImageNotDecodable,
            "The image took its decoder longer than ten seconds and was not read; it is damaged, "
            "or made to do harm.",
            "stopped"};
  if (news == DecoderNews::Unconfined)
    return {ErrorCode::BackendFailure,
            "Images are not read, since this system does not let their decoder be confined.",
            "seccomp or a resource limit failed"};
  return {ErrorCode::ImageNotDecodable,
          "The image made its decoder break down and was not read; it is damaged, or made to do "
          "harm.",
          "crashed"};
}

/// A descriptor that is closed with its object.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : m_number(number) {}
  ~Descriptor() {
    if (m_number >= 0) ::close(m_number);
  }
  Descriptor(Descriptor&& other) noexcept : m_number(std::exchange(other.m_number, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(m_number, other.m_number);
    return *this;
  }
  int number() const { return m_number; }

 private:
  int m_number;
};

/// Above those that the helper is given, so that putting them there overwrites none.
Descriptor moved(int number) {
  constexpr int kFirst = 16;
  const Descriptor old(number);
  return Descriptor(number < 0 ? -1 : ::fcntl(number, F_DUPFD_CLOEXEC, kFirst));
}

/// Of what this program was started with, no more than the loader and sanitizers need.
std::vector<char*> helperEnvironment() {
  std::vector<char*> kept;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry(*at);
    if (entry.starts_with("LD_LIBRARY_PATH=") || entry.find("SAN_OPTIONS=") != entry.npos)
      kept.push_back(*at);
  }
  kept.push_back(nullptr);
  return kept;
}

Descriptor sharedMemory() {
  constexpr unsigned kUsual = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  constexpr unsigned kNotExecutable = 0x8U;  // MFD_NOEXEC_SEAL: newer systems may ask for it
  int number = ::memfd_create("countersign-image", kUsual | kNotExecutable);
  if (number < 0) number = ::memfd_create("countersign-image", kUsual);
  return moved(number);
}

class Helper {
 public:
  static Result<std::unique_ptr<Helper>> start(const fs::path& program) {
    auto memory = sharedMemory();
    rlimit room{};
    // Beyond it the system would end the program instead of saying no.
    const bool hasRoom = ::getrlimit(RLIMIT_FSIZE, &room) == 0 &&
                         (room.rlim_cur == RLIM_INFINITY || room.rlim_cur >= sizeof(DecoderArena));
    if (!hasRoom) return noDecoder("files may not grow to the size of the memory that is shared");
    // Sealed, so that nobody can make it shorter under the other's hands.
    if (memory.number() < 0 || ::ftruncate(memory.number(), sizeof(DecoderArena)) != 0 ||
        ::fcntl(memory.number(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
      return noDecoder(std::strerror(errno));
    void* arena = ::mmap(nullptr, sizeof(DecoderArena), PROT_READ | PROT_WRITE, MAP_SHARED,
                         memory.number(), 0);
    if (arena == MAP_FAILED) return noDecoder(std::strerror(errno));
    std::unique_ptr<Helper> helper(
        new Helper(std::move(memory), static_cast<DecoderArena*>(arena)));
    if (const int failure = helper->spawn(program); failure != 0)
      return noDecoder(program.string() + ": " + std::strerror(failure));
    return helper;
  }

  ~Helper() {
    if (m_process > 0) {
      // The process of an image dies with the helper that made it.
      ::kill(m_process, SIGKILL);
      while (::waitpid(m_process, nullptr, 0) < 0 && errno == EINTR) {}
    }
    ::munmap(m_arena, sizeof(DecoderArena));
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  /// Whether another image may be given to it.
  bool isUsable() const {
    pollfd news{m_news.number(), POLLRDHUP, 0};
    return !m_isSpent && ::poll(&news, 1, 0) == 0;
  }

  /// Nothing when the helper itself is gone.
  std::optional<Result<DecodedImage>> decode(std::span<const std::uint8_t> bytes,
                                             const ImageLimits& limits) {
    if (const auto news = waitUntilReady(); news != DecoderNews::Ready) return endedBy(news);
    m_arena->fileBytes = bytes.size();
    m_arena->limits = limits;
    m_arena->limits.decodedBytes =
        std::min<std::int64_t>(limits.decodedBytes, DecoderArena::kLargestPicture);
    m_arena->reply = {};
    std::copy(bytes.begin(), bytes.end(), m_arena->file.begin());
    const char question = 'd';
    if (::send(m_questions.number(), &question, 1, MSG_NOSIGNAL) != 1) {
      m_isSpent = true;
      return endedBy(waitUntilReady());
    }
    m_isReady = false;
    m_wasAsked = true;
    auto image = answer(limits);
    if (!m_isSpent) forget(bytes.size());
    return image;
  }

 private:
  Helper(Descriptor memory, DecoderArena* arena) : m_memory(std::move(memory)), m_arena(arena) {}

  int spawn(const fs::path& program) {
    int questions[2];
    int news[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, questions) != 0) return errno;
    m_questions = Descriptor(questions[0]);
    const auto theirQuestions = moved(questions[1]);
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, news) != 0) return errno;
    m_news = Descriptor(news[0]);
    const auto theirNews = moved(news[1]);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      ::posix_spawn_file_actions_addopen(&files, standard, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_adddup2(&files, theirQuestions.number(), kDecoderQuestions);
    ::posix_spawn_file_actions_adddup2(&files, theirNews.number(), kDecoderNews);
    ::posix_spawn_file_actions_adddup2(&files, m_memory.number(), kDecoderArena);
    // A group of its own: Ctrl+C at a terminal is for the program, which ends its helpers.
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t none;
    ::sigemptyset(&none);
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    auto name = program.string();
    char* arguments[] = {name.data(), nullptr};
    const int failure = ::posix_spawn(&m_process, name.c_str(), &files, &attributes, arguments,
                                      helperEnvironment().data());
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    if (failure != 0) m_process = -1;
    return failure;
  }

  static constexpr int kPatience = 60'000;  ///< Milliseconds.

  /// What keeps every image from being read, or nothing.
  std::optional<Result<DecodedImage>> endedBy(const std::optional<DecoderNews>& news) {
    m_isSpent = true;
    if (news == DecoderNews::Unconfined) return brokenBy(*news);
    return std::nullopt;
  }

  /// Waits until the image before is gone, and a process of its own waits for the next one.
  ///
  /// @return  Ready; or what else the helper said; or nothing when it is gone, or stands still.
  std::optional<DecoderNews> waitUntilReady() {
    // Whoever has answered should be gone soon.
    constexpr int kSoon = 3000;
    pollfd news{m_news.number(), POLLIN, 0};
    std::optional<DecoderNews> last;
    if (m_isReady) last = DecoderNews::Ready;
    for (;;) {
      // All that was said counts: that one got ready, and then ended while it waited.
      const int patience = last == DecoderNews::Ready ? 0 : m_wasAsked ? kSoon : kPatience;
      const int count = ::poll(&news, 1, patience);
      if (count < 0 && errno == EINTR) continue;
      char word = 0;
      if (count <= 0 || ::recv(m_news.number(), &word, 1, MSG_DONTWAIT) != 1) break;
      last = static_cast<DecoderNews>(word);
      if (last != DecoderNews::Ready) return last;
    }
    m_isReady = last == DecoderNews::Ready;
    if (!m_isReady) return std::nullopt;
    // An image that said more than its answer might answer for the next one.
    char word = 0;
    if (::recv(m_questions.number(), &word, 1, MSG_DONTWAIT) >= 0) return std::nullopt;
    return last;
  }

  /// After anything but an answer the helper is spent: what it shares with its processes may be
  /// known to the one that broke down.
  std::optional<Result<DecodedImage>> answer(const ImageLimits& limits) {
    pollfd both[]{{m_questions.number(), POLLIN, 0}, {m_news.number(), POLLIN, 0}};
    int count = 0;
    do { count = ::poll(both, 2, kPatience); } while (count < 0 && errno == EINTR);
    char word = 0;
    if (count > 0 && (both[0].revents & POLLIN) != 0) {
      if (::recv(m_questions.number(), &word, 1, MSG_DONTWAIT) == 1) return left(limits);
      m_isSpent = true;
      if ((both[0].revents & POLLHUP) != 0) return std::nullopt;
      return brokenBy(DecoderNews::Crashed);
    }
    m_isSpent = true;
    if (count == 0) return brokenBy(DecoderNews::TooSlow);
    if (::recv(m_news.number(), &word, 1, MSG_DONTWAIT) != 1) return std::nullopt;
    return brokenBy(static_cast<DecoderNews>(word));
  }

  /// What the decoder left, which is believed in nothing: it had read the image.
  Result<DecodedImage> left(const ImageLimits& limits) {
    const DecoderReply reply = m_arena->reply;  // once, so that nothing changes any more
    if (reply.isDecoded != 1) {
      auto message = text(reply.message);
      if (!message.empty())
        return Error{ErrorCode::ImageNotDecodable, std::move(message), text(reply.detail)};
      m_isSpent = true;
      return brokenBy(DecoderNews::Crashed);
    }
    const std::int64_t rows = reply.rows;
    const std::int64_t columns = reply.columns;
    const int channels = reply.channels;
    const bool isTurned = reply.orientation > 4;
    constexpr std::int64_t kLongestSide = 1'000'000;
    constexpr std::uint64_t kAll = DecoderArena::kLargestPicture;
    const bool isPicture = (channels == 1 || channels == 3) && rows > 0 && columns > 0 &&
                           rows <= kLongestSide && columns <= kLongestSide &&
                           rows * columns <= limits.pixels;
    const auto size = isPicture ? static_cast<std::size_t>(rows * columns * channels) : 0;
    const bool isWhole =
        isPicture && reply.at <= kAll && size <= kAll - reply.at && reply.orientation >= 1 &&
        reply.orientation <= 8 && reply.width == (isTurned ? rows : columns) &&
        reply.height == (isTurned ? columns : rows) &&
        (reply.headerChannels == 1 || reply.headerChannels == 3 || reply.headerChannels == 4) &&
        reply.format >= static_cast<int>(ImageFormat::Png) &&
        reply.format <= static_cast<int>(ImageFormat::Pnm);
    if (!isWhole) {
      m_isSpent = true;
      return brokenBy(DecoderNews::Crashed);
    }
    ImageHeader header;
    header.format = static_cast<ImageFormat>(reply.format);
    header.width = reply.width;
    header.height = reply.height;
    header.channels = reply.headerChannels;
    header.orientation = reply.orientation;
    header.extraBytesPerPixel =
        std::isfinite(reply.extraBytesPerPixel) ? std::max(0.0, reply.extraBytesPerPixel) : 0;
    constexpr double kCoarsest = 1;
    constexpr double kFinest = 100'000;
    if (reply.dotsPerInch >= kCoarsest && reply.dotsPerInch <= kFinest)
      header.dotsPerInch = reply.dotsPerInch;
    auto* place = m_arena->pixels.data() + reply.at;
#ifdef MADV_POPULATE_READ
    ::madvise(m_arena->pixels.data() + reply.at / kPage * kPage, size + reply.at % kPage,
              MADV_POPULATE_READ);
#endif
    const cv::Mat shared(static_cast<int>(rows), static_cast<int>(columns), CV_8UC(channels),
                         place);
    cv::Mat own(shared.size(), shared.type());
    hugePages(own.data, size);
    shared.copyTo(own);
    return DecodedImage{own, header};
  }

  /// New memory comes page by page, which for a scan takes as long as copying it five times over.
  static void hugePages(std::uint8_t* place, std::size_t size) {
    constexpr std::size_t kHuge = std::size_t{2} << 20U;
    const auto before = (kPage - reinterpret_cast<std::uintptr_t>(place) % kPage) % kPage;
    if (size > 2 * kHuge) ::madvise(place + before, (size - before) / kPage * kPage, MADV_HUGEPAGE);
  }

  template <std::size_t N>
  static std::string text(const std::array<char, N>& place) {
    std::string said(place.begin(), std::find(place.begin(), place.end(), '\0'));
    // Our own sentences are plain; a terminal may take others for commands.
    std::replace_if(
        said.begin(), said.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
    return said;
  }

  /// Nothing of an image, or of its picture, is there for the next one to find. Pages stay, since
  /// new ones take longer than clearing them; but not those that only the largest images take.
  void forget(std::size_t fileBytes) {
    constexpr std::size_t kKept = std::size_t{40} << 20U;
    constexpr std::size_t kKeptOfFile = kKept / 4;
    auto& file = m_arena->file;
    auto& pixels = m_arena->pixels;
    std::fill_n(file.begin(), std::min(fileBytes, kKeptOfFile), std::uint8_t{0});
    if (fileBytes > kKeptOfFile)
      ::madvise(file.data() + kKeptOfFile, file.size() - kKeptOfFile, MADV_REMOVE);
    // Whoever says less than it used has only its own picture there.
    const auto used = std::min<std::uint64_t>(m_arena->reply.used, pixels.size());
    std::fill_n(pixels.begin(), std::min<std::size_t>(used, kKept), std::uint8_t{0});
    if (used > kKept)
      ::madvise(pixels.data() + kKept, (pixels.size() - kKept) / kPage * kPage, MADV_REMOVE);
    m_arena->reply = {};
  }

  Descriptor m_memory;
  DecoderArena* m_arena;
  Descriptor m_questions;
  Descriptor m_news;
  bool m_isReady = false;
  bool m_wasAsked = false;
  bool m_isSpent = false;
  pid_t m_process = -1;
};

/// Beside this program, or in libexec/countersign at most three folders above it; empty when it is
/// not there. Nothing else is tried: a folder that somebody sent may hold a program of this name.
fs::path installedHelper() {
  std::error_code failure;
  const auto program = fs::read_symlink("/proc/self/exe", failure);
  constexpr const char* kName = "countersign-decoder";
  constexpr int kLevels = 4;
  auto folder = program.parent_path();
  for (int level = 0; level < kLevels && folder.has_relative_path(); ++level) {
    for (const auto& place :
         {folder / kName, folder / COUNTERSIGN_LIBEXEC / "countersign" / kName}) {
      if (fs::exists(place, failure)) return place;
    }
    folder = folder.parent_path();
  }
  return {};
}

}  // namespace

struct ImageDecoder::Helpers {
  fs::path program;
  std::mutex lock;
  std::vector<std::unique_ptr<Helper>> waiting;

  Result<std::unique_ptr<Helper>> take() {
    {
      const std::lock_guard guard(lock);
      while (!waiting.empty()) {
        auto helper = std::move(waiting.back());
        waiting.pop_back();
        if (helper->isUsable()) return helper;
      }
    }
    if (!program.is_absolute()) return noDecoder("it was not found");
    return Helper::start(program);
  }

  void giveBack(std::unique_ptr<Helper> helper) {
    constexpr std::size_t kMostWaiting = 4;
    const std::lock_guard guard(lock);
    if (helper->isUsable() && waiting.size() < kMostWaiting) waiting.push_back(std::move(helper));
  }
};

ImageDecoder::ImageDecoder(fs::path program) : m_helpers(std::make_unique<Helpers>()) {
  m_helpers->program = std::move(program);
}

ImageDecoder::~ImageDecoder() = default;

ImageDecoder& ImageDecoder::shared() {
  static ImageDecoder decoder(installedHelper());
  return decoder;
}

void ImageDecoder::start() {
  // What keeps one from starting is said when an image is to be read.
  if (auto helper = m_helpers->take()) m_helpers->giveBack(*std::move(helper));
}

Result<DecodedImage> ImageDecoder::decode(std::span<const std::uint8_t> bytes,
                                          const ImageLimits& limits) {
  if (bytes.size() > DecoderArena::kLargestFile)
    return Error{ErrorCode::ImageNotDecodable,
                 "The image file is larger than 64 MB, the most that is read; scan it at a lower "
                 "resolution.",
                 ""};
  // Once more when somebody has ended the helper itself, as a system does that is out of memory.
  for (int tries = 0; tries < 2; ++tries) {
    auto helper = m_helpers->take();
    if (!helper) return helper.error();
    auto image = (*helper)->decode(bytes, limits);
    if (!image) continue;
    m_helpers->giveBack(*std::move(helper));
    return *std::move(image);
  }
  return noDecoder("it ended while it was asked");
}

}  // namespace countersign
