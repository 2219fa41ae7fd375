// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core/mat.hpp>

#include "core/base/Result.h"
#include "core/imaging/SampleReader.h"

namespace countersign {

/// Canvases of one format in a file that is mapped into memory: the system keeps in memory what
/// there is room for and reads the rest when it is used, so that a corpus may be larger than
/// memory. The file has no name from the start: it is gone when the object is, and when the process
/// is killed, and nobody's image is left behind.
class CanvasFile {
 public:
  /// @param folder  on a disk with room for all; made if it is missing.
  /// @return  FileNotWritable when there is no room, or the folder cannot be written to.
  static Result<std::shared_ptr<CanvasFile>> make(const std::filesystem::path& folder,
                                                  CanvasFormat format, std::size_t count);
  CanvasFile(const CanvasFile&) = delete;
  CanvasFile& operator=(const CanvasFile&) = delete;
  ~CanvasFile();

  /// A canvas on the mapped memory of place `index`, zero until written; valid as long as the file.
  /// Different places may be written to at once.
  cv::Mat canvas(std::size_t index) const;

 private:
  CanvasFile(void* memory, std::size_t bytes, CanvasFormat format)
      : m_memory(memory), m_bytes(bytes), m_format(format) {}

  void* m_memory;
  std::size_t m_bytes;
  CanvasFormat m_format;
};

}  // namespace countersign
