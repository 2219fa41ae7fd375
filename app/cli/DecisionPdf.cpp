// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/DecisionPdf.h"

#include <QGuiApplication>
#include <array>
#include <clocale>

#include "ui/support/DecisionReport.h"
#include "ui/support/Translation.h"

namespace countersign::cli {

struct DecisionPdf::State {
  int count = 1;
  std::array<char, 16> name{"countersign-cli"};
  std::array<char*, 2> arguments{name.data(), nullptr};
  std::unique_ptr<QGuiApplication> application;
};

DecisionPdf::DecisionPdf() : m_state(std::make_unique<State>()) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  m_state->application =
      std::make_unique<QGuiApplication>(m_state->count, m_state->arguments.data());
  std::setlocale(LC_NUMERIC, "C");  // Qt has set the environment's; core writes numbers
  ui::installTranslations(*m_state->application);
}

DecisionPdf::~DecisionPdf() = default;

Status DecisionPdf::write(const Desk& desk, DecisionKey decision,
                          const std::filesystem::path& path) const {
  const auto file = ui::loadDecision(desk, decision);
  if (!file) return file.error();
  return ui::writeDecisionPdf(QString::fromStdString(path.string()), *file);
}

}  // namespace countersign::cli
