// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/Progress.h"
#include "core/office/Office.h"

namespace countersign {

/// A questioned signature to try the sample office with, and the truth about it.
struct SampleProbe {
  std::string identifier;      ///< Of the person whose signature it claims to be.
  std::filesystem::path file;  ///< An image.
  bool isForgery = false;
};

struct SampleOfficeProgress {
  int done;  ///< Invented people who are enrolled.
  int total;
};

/// Makes a store of twelve invented people with references, and questioned signatures of theirs,
/// genuine and forged, in `folder`/probes; does nothing when it is there already. A crash leaves no
/// half-made office.
Status makeSampleOffice(const std::filesystem::path& folder,
                        const std::filesystem::path& shippedNetwork,
                        const JobContext<SampleOfficeProgress>& context = {});

/// The questioned signatures of a sample office; none for any other store.
std::vector<SampleProbe> sampleProbes(const std::filesystem::path& folder);

}  // namespace countersign
