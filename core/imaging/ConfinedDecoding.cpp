// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/ConfinedDecoding.h"

#include <poll.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <optional>

#include "core/imaging/internal/DecoderArena.h"
#include "core/imaging/internal/ImageDecoders.h"

namespace countersign {

namespace {

constexpr int kUnconfinedExit = 77;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasSanitizer = true;
#else
constexpr bool kHasSanitizer = false;
#endif

/// Where the system or whoever started the program allows less, that holds.
bool limit(decltype(RLIMIT_CPU) resource, rlim_t most) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return false;
  most = std::min(most, now.rlim_max);
  const rlimit both{most, most};
  return ::setrlimit(resource, &both) == 0;
}

bool limitResources(unsigned seconds) {
  constexpr rlim_t kMoreMemory = rlim_t{1} << 30U;
  constexpr rlim_t kUsual = rlim_t{3} << 30U;  // where the system does not say what is in use
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t inUse = pages > 0 ? pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) : kUsual;
  // Sanitizers reserve terabytes of addresses.
  return (kHasSanitizer || limit(RLIMIT_AS, inUse + kMoreMemory)) && limit(RLIMIT_CORE, 0) &&
         limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CPU, seconds);
}

/// All that is left to this process: memory without code in it, time, one question, its answer, and
/// its end. A library that only asks for something (a file that it can do without, a line on the
/// terminal) hears "no"; whatever else is called ends the process.
bool confine() {
  struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
  };
  const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter) return false;
  bool isWhole = true;
  const auto add = [&](std::uint32_t action, std::initializer_list<int> calls) {
    for (const int call : calls)
      isWhole = seccomp_rule_add(filter.get(), action, call, 0) == 0 && isWhole;
  };
  const auto addIf = [&](std::initializer_list<int> calls, const scmp_arg_cmp& condition) {
    for (const int call : calls)
      isWhole = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 1, condition) == 0 && isWhole;
  };
  add(SCMP_ACT_ALLOW,
      {SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(futex), SCMP_SYS(exit),
       SCMP_SYS(exit_group), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom),
       SCMP_SYS(sched_yield), SCMP_SYS(rt_sigreturn), SCMP_SYS(getpid), SCMP_SYS(gettid),
       SCMP_SYS(sched_getaffinity)});
  // Sanitizers look through a pipe of their own whether memory is there, and at the stack's limits.
  if (kHasSanitizer)
    add(SCMP_ACT_ALLOW, {SCMP_SYS(sigaltstack), SCMP_SYS(prlimit64), SCMP_SYS(getrlimit)});
  add(kHasSanitizer ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM),
      {SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(pipe2)});
  add(SCMP_ACT_ERRNO(EPERM),
      {SCMP_SYS(writev), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat),
       SCMP_SYS(faccessat2), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
       SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(lseek), SCMP_SYS(ioctl),
       SCMP_SYS(rt_sigprocmask), SCMP_SYS(sysinfo)});
  addIf({SCMP_SYS(recvfrom), SCMP_SYS(sendto)}, SCMP_A0(SCMP_CMP_EQ, kDecoderQuestions));
  addIf({SCMP_SYS(mmap), SCMP_SYS(mprotect)}, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  for (const auto advice : {MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
#ifdef MADV_POPULATE_WRITE
                            MADV_POPULATE_WRITE,
#endif
                            MADV_NORMAL})
    addIf({SCMP_SYS(madvise)}, SCMP_A2(SCMP_CMP_EQ, static_cast<scmp_datum_t>(advice)));
  return isWhole && seccomp_load(filter.get()) == 0;
}

template <std::size_t N>
void keep(std::array<char, N>& place, const std::string& text) {
  const auto size = std::min(text.size(), N - 1);
  std::memcpy(place.data(), text.data(), size);
  place[size] = '\0';
}

/// Pictures are made where the program will find them, so that they need not be copied. Pages are
/// asked for in one go: one by one they would take longer than decoding.
class ArenaAllocator : public cv::MatAllocator {
 public:
  explicit ArenaAllocator(DecoderArena& arena) : m_arena(&arena) {}

  cv::UMatData* allocate(int dims, const int* sizes, int type, void* data0, std::size_t* step,
                         cv::AccessFlag access, cv::UMatUsageFlags usage) const override {
    std::size_t total = CV_ELEM_SIZE(type);
    for (int i = dims - 1; i >= 0; --i) {
      if (step != nullptr) step[i] = total;
      total *= static_cast<std::size_t>(sizes[i]);
    }
    constexpr std::size_t kPage = 4096;
    if (data0 != nullptr || total > m_arena->pixels.size() - m_used)
      return cv::Mat::getStdAllocator()->allocate(dims, sizes, type, data0, step, access, usage);
    auto* place = m_arena->pixels.data() + m_used;
    m_used += (total + kPage - 1) / kPage * kPage;
    m_used = std::min(m_used, m_arena->pixels.size());
#ifdef MADV_POPULATE_WRITE
    if (total >= kPage) ::madvise(place, total, MADV_POPULATE_WRITE);
#endif
    auto* made = new cv::UMatData(this);
    made->data = made->origdata = place;
    made->size = total;
    return made;
  }
  bool allocate(cv::UMatData* data, cv::AccessFlag, cv::UMatUsageFlags) const override {
    return data != nullptr;
  }
  void deallocate(cv::UMatData* data) const override { delete data; }

  std::size_t used() const { return m_used; }

 private:
  DecoderArena* m_arena;
  mutable std::size_t m_used = 0;
};

void answer(DecoderArena& arena, const DecodeImage& decode) {
  ArenaAllocator allocator(arena);
  cv::Mat::setDefaultAllocator(&allocator);
  const auto size = std::min<std::uint64_t>(arena.fileBytes, DecoderArena::kLargestFile);
  const auto image = decode(std::span(arena.file).first(size), arena.limits);
  auto& reply = arena.reply;
  reply.used = allocator.used();
  if (!image) {
    keep(reply.message, image.error().message);
    keep(reply.detail, image.error().detail);
    return;
  }
  const auto& [pixels, header] = *image;
  reply.format = static_cast<std::int32_t>(header.format);
  reply.width = header.width;
  reply.height = header.height;
  reply.headerChannels = header.channels;
  reply.orientation = header.orientation;
  reply.extraBytesPerPixel = header.extraBytesPerPixel;
  reply.dotsPerInch = header.dotsPerInch.value_or(0);
  reply.rows = pixels.rows;
  reply.columns = pixels.cols;
  reply.channels = pixels.channels();
  const auto bytes = pixels.total() * pixels.elemSize();
  if (pixels.depth() != CV_8U || !pixels.isContinuous() || bytes > arena.pixels.size()) return;
  const bool isInside = pixels.datastart >= arena.pixels.data() &&
                        pixels.dataend <= arena.pixels.data() + arena.pixels.size();
  if (isInside) {
    reply.at = static_cast<std::uint64_t>(pixels.data - arena.pixels.data());
  } else {
    pixels.copyTo(cv::Mat(pixels.rows, pixels.cols, pixels.type(), arena.pixels.data()));
    reply.used = std::max<std::uint64_t>(reply.used, bytes);
  }
  reply.isDecoded = 1;
}

[[noreturn]] void decodeAlone(DecoderArena& arena, const DecodeImage& decode, unsigned seconds) {
  // Whoever kills the helper kills this, too.
  const bool isAlone = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && limitResources(seconds) &&
                       ::close_range(0, kDecoderQuestions - 1, 0) == 0 &&
                       ::close_range(kDecoderQuestions + 1, ~0U, 0) == 0 && confine();
  if (!isAlone) ::_exit(kUnconfinedExit);
  char word = 0;
  while (::recv(kDecoderQuestions, &word, 1, 0) < 0 && errno == EINTR) {}
  if (word != 0) {
    answer(arena, decode);
    ::send(kDecoderQuestions, &word, 1, MSG_NOSIGNAL);
  }
  ::_exit(0);
}

/// How the process of an image ended; nothing when it did as it should.
std::optional<DecoderNews> newsOf(int status, const rusage& usage, unsigned seconds) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kUnconfinedExit) return DecoderNews::Unconfined;
  // Killed without a signal of its own: over its limit, or by a system that is out of memory.
  const auto used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1;
  const bool isSlow = WIFSIGNALED(status) && used >= static_cast<std::int64_t>(seconds) &&
                      (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL);
  return isSlow ? DecoderNews::TooSlow : DecoderNews::Crashed;
}

bool tell(DecoderNews news) { return ::send(kDecoderNews, &news, 1, MSG_NOSIGNAL) == 1; }

/// Waits for the end of a process, or of the program that asks, with which it ends, too.
///
/// @return  false when the program is gone, or nothing is known.
bool waitFor(pid_t process, int& status, rusage& usage) {
  // glibc 2.36 declares pidfd_open() for C alone.
  const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  if (handle < 0) return false;
  pollfd both[]{{handle, POLLIN, 0}, {kDecoderQuestions, POLLRDHUP, 0}};
  while (::poll(both, 2, -1) < 0 && errno == EINTR) {}
  ::close(handle);
  if ((both[0].revents & POLLIN) == 0) ::kill(process, SIGKILL);
  pid_t ended = 0;
  do { ended = ::wait4(process, &status, 0, &usage); } while (ended < 0 && errno == EINTR);
  return ended == process && both[1].revents == 0;
}

/// What libraries load or look up the first time, they cannot any more once they are confined.
void warmUp() {
  cv::setNumThreads(1);
  const cv::Mat picture(16, 16, CV_8UC3, cv::Scalar::all(200));
  for (const auto* extension : {".png", ".jpg", ".tiff", ".bmp", ".webp", ".ppm"}) {
    std::vector<std::uint8_t> bytes;
    cv::imencode(extension, picture, bytes);
    static_cast<void>(decodeHere(bytes, {}));
  }
}

}  // namespace

int serveImages(const DecodeImage& decode, unsigned seconds) {
  ::close_range(kDecoderArena + 1, ~0U, 0);
  void* memory =
      ::mmap(nullptr, sizeof(DecoderArena), PROT_READ | PROT_WRITE, MAP_SHARED, kDecoderArena, 0);
  if (memory == MAP_FAILED || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return EXIT_FAILURE;
  auto& arena = *static_cast<DecoderArena*>(memory);
  warmUp();
  for (;;) {
    // A question that its process did not live to hear.
    char word = 0;
    while (::recv(kDecoderQuestions, &word, 1, MSG_DONTWAIT) > 0) {}
    const auto process = ::fork();
    if (process == 0) decodeAlone(arena, decode, seconds);
    int status = 0;
    rusage usage{};
    if (process < 0 || !tell(DecoderNews::Ready) || !waitFor(process, status, usage))
      return EXIT_FAILURE;
    const auto news = newsOf(status, usage, seconds);
    if (news && (!tell(*news) || news == DecoderNews::Unconfined)) return EXIT_FAILURE;
  }
}

int serveImages() {
  constexpr unsigned kSeconds = 10;
  return serveImages(&decodeHere, kSeconds);
}

}  // namespace countersign
