// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/imaging/PenFeatures.h"
#include "core/imaging/SampleReader.h"
#include "core/metric/Embedding.h"
#include "core/metric/NetworkFile.h"

namespace countersign {

struct BranchInput;

/// Where a sample comes from: the two branches of a pseudo-siamese twin.
enum class TwinSide {
  Paper,   ///< A scan or a photograph.
  Screen,  ///< Drawn from pen data.
};

/// What reads pictures for a network: with its own face detector, where it is for faces.
///
/// @return  nothing when pictures cannot be read: the network is for pen data, or for faces and
/// came
///          without the networks that find them; FileMalformed when these are damaged.
Result<std::unique_ptr<const SampleReader>> makeSampleReader(const NetworkFile& file);

/// The shared branch of the twin, ready for use: one canvas in, one embedded sample out. Probe and
/// reference go through the same object (Bromley et al., 1993).
///
/// Thread-safe: embed() may run on several threads at once; nothing changes after construction.
class EmbeddingNetwork {
 public:
  /// @return  NetworkIncompatible when weights and architecture disagree, or when the file was made
  ///          for another version of the normaliser.
  static Result<EmbeddingNetwork> load(const std::filesystem::path& path);
  static Result<EmbeddingNetwork> of(NetworkFile file);

  EmbeddingNetwork(EmbeddingNetwork&&) noexcept;
  EmbeddingNetwork& operator=(EmbeddingNetwork&&) noexcept;
  ~EmbeddingNetwork();

  /// The sample that a picture holds, as embed() takes it.
  ///
  /// @param picture  CV_8UC1 or CV_8UC3 (BGR), as decodeImage() gives it.
  /// @return  a sample, comparable or not; OptionOutOfRange when the region asks for what the
  ///          picture does not have, NetworkIncompatible when the network is for pen data, or is
  ///          for faces and came without the networks that find them.
  Result<ReadSample> read(const cv::Mat& picture, const SampleRegion& region = {}) const;

  /// makeSampleReader() of the network's file; lives as long as the network.
  Result<std::reference_wrapper<const SampleReader>> reader() const;

  /// @param canvas  of card().architecture.canvas: CV_8UC1, 255 = ink, or a face's chip, CV_8UC3
  ///                (BGR).
  /// @param side    decides in a pseudo-siamese twin alone.
  /// @return  NetworkIncompatible when the canvas has another size, or the network is for pen data.
  Result<EmbeddedSample> embed(const cv::Mat& canvas, TwinSide side = TwinSide::Paper) const;

  /// The canvas with a map for localAgreement(), to show where two samples differ and for nothing
  /// else: of a network that compares locally it is embed(); of one whose embedding is a sum over
  /// places (MobileFaceNet), a cell's descriptor is what the place adds to that sum, and
  /// `localShare` is 0.
  ///
  /// @return  NetworkIncompatible for other networks, and as embed().
  Result<EmbeddedSample> embedWithPlaces(const cv::Mat& canvas) const;

  /// Several canvases in one pass; the order is kept. Faster per image, equal to 1e-5.
  Result<std::vector<EmbeddedSample>> embedBatch(std::span<const cv::Mat> canvases,
                                                 TwinSide side = TwinSide::Paper) const;

  /// The canvas as a reference: its embedding is the mean direction of its own and of those of
  /// card().referenceCopies slightly changed copies, always the same ones; the map is its own, and
  /// the score offset as card().usualCopyScore asks. Equal to embed() where there are no copies.
  Result<EmbeddedSample> embedReference(const cv::Mat& canvas,
                                        TwinSide side = TwinSide::Paper) const;

  /// Mean score of the canvas with its copies: how far a reference that is a single image tells
  /// what its writer's hand looks like. OptionOutOfRange where the card asks for no copies.
  Result<double> copyScore(const cv::Mat& canvas, TwinSide side = TwinSide::Paper) const;

  /// @return  NetworkIncompatible when the network is for images.
  Result<EmbeddedSample> embed(const PenFeatures& sequence) const;

  /// Score of two samples, of the kind and in the range that the card names.
  double score(const EmbeddedSample& probe, const EmbeddedSample& reference) const;

  const NetworkCard& card() const;
  /// NetworkFile::identity() of the file that it was loaded from.
  const std::string& identity() const;
  /// The score distributions that came with the network.
  const std::map<std::string, ScoreEvidence, std::less<>>& evidence() const;

 private:
  /// The slightly changed copies of a reference.
  Result<std::vector<EmbeddedSample>> embedCopies(const cv::Mat& canvas, TwinSide side) const;
  double meanScore(const EmbeddedSample& sample, const std::vector<EmbeddedSample>& others) const;
  Result<std::vector<EmbeddedSample>> embedInput(const BranchInput& input) const;

  struct Impl;  // holds the torch module: no torch header leaves core/metric
  explicit EmbeddingNetwork(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

}  // namespace countersign
