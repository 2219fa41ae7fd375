// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core/mat.hpp>

#include "core/base/Result.h"
#include "core/imaging/SignatureNormaliser.h"

namespace countersign {

/// Canvases of one size in a file that is mapped into memory: the system keeps in memory what there
/// is room for and reads the rest when it is used, so that a corpus may be larger than memory. The
/// file has no name from the start: it is gone when the object is, and when the process is killed,
/// and nobody's signature is left behind.
class CanvasFile {
 public:
  /// @param folder  on a disk with room for all; made if it is missing.
  /// @return  FileNotWritable when there is no room, or the folder cannot be written to.
  static Result<std::shared_ptr<CanvasFile>> make(const std::filesystem::path& folder,
                                                  CanvasSize size, std::size_t count);
  CanvasFile(const CanvasFile&) = delete;
  CanvasFile& operator=(const CanvasFile&) = delete;
  ~CanvasFile();

  /// CV_8UC1 on the mapped memory of place `index`, zero until written; valid as long as the file.
  /// Different places may be written to at once.
  cv::Mat canvas(std::size_t index) const;

 private:
  CanvasFile(void* memory, std::size_t bytes, CanvasSize size)
      : m_memory(memory), m_bytes(bytes), m_size(size) {}

  void* m_memory;
  std::size_t m_bytes;
  CanvasSize m_size;
};

}  // namespace countersign
