// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTransform>
#include <optional>

#include "core/metric/EmbeddingNetwork.h"
#include "ui/support/Exhibit.h"

namespace countersign::ui {

/// What two exhibits have in common, place by place.
struct Likeness {
  /// From pixels of the questioned ink to pixels of the reference's; nothing without ink.
  std::optional<QTransform> alignment;
  /// How well each cell of the one is found in the other, by the network that scored them; nothing
  /// where it compares wholes only.
  std::optional<LocalAgreement> ofProbe;
  std::optional<LocalAgreement> ofReference;
  bool isCompared = false;  ///< Both samples are there as a network sees them.
};

/// Runs on a job's thread. Samples of different networks have no agreement; those without a map are
/// embedded once more with one (EmbeddingNetwork::embedWithPlaces()), where the network can.
Likeness likenessOf(const EmbeddingNetwork& network, const Exhibit& probe, const Exhibit& reference,
                    const EmbeddedSample* probeSample, const EmbeddedSample* referenceSample);

}  // namespace countersign::ui
