// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "core/biometrics/Desk.h"

namespace countersign::cli {

/// Writes decisions as the window prints them. Must be made before a store is opened: both need an
/// application object of Qt's, and this needs the one that can set type, without any display.
class DecisionPdf {
 public:
  DecisionPdf();
  ~DecisionPdf();
  DecisionPdf(const DecisionPdf&) = delete;
  DecisionPdf& operator=(const DecisionPdf&) = delete;

  Status write(const Desk& desk, DecisionKey decision, const std::filesystem::path& path) const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace countersign::cli
