// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>

#include "ui/support/ExploreData.h"

class QComboBox;
class QLabel;
class QListWidget;
class QPushButton;
class QStackedWidget;

namespace countersign::ui {

class EmbeddingMapView;
class OfficeSession;
class PairGallery;
class SimilarityMatrixView;

/// Everything on file as the network sees it: a map of all samples, and the similarity of everybody
/// with everybody.
class ExplorePage final : public QWidget {
  Q_OBJECT

 public:
  explicit ExplorePage(OfficeSession& session, QWidget* parent = nullptr);

  /// @param probe  the questioned sample that is being verified; may be null.
  void start(std::shared_ptr<const ExaminedImage> probe);
  EmbeddingMapView* map() const { return m_map; }
  SimilarityMatrixView* matrix() const { return m_matrix; }
  QComboBox* viewBox() const { return m_view; }
  QComboBox* colourBox() const { return m_colour; }
  QListWidget* list() const { return m_list; }
  PairGallery* gallery() const { return m_gallery; }
  const std::shared_ptr<const ExploreData>& data() const { return m_data; }
  bool isLayingOut() const { return m_isLayingOut; }

 Q_SIGNALS:
  void problem(const QString& sentence);
  void personWanted(countersign::PersonKey person);

 private:
  enum class View { Plane, Neighbours, Matrix };
  /// Everybody with everybody, with what is listed of it; nothing until it was worked out.
  struct Compared {
    std::shared_ptr<const PeopleSimilarity> similarity;
    double threshold = 0;
    std::vector<std::size_t> order;
    std::vector<PeopleSimilarity::Pair> lookalikes;
    std::vector<PeopleSimilarity::Pair> inconsistent;
  };

  void load();
  void clear();
  /// What is shown is of the past: it is cleared, and loaded anew while it is looked at.
  void forget();
  void showView();
  void layOut();
  void compare();
  /// Colours and order are by the τ in force.
  void followThreshold();
  void paintGroups();
  void showNeighbours(std::size_t sample);
  void showSelection();
  void showPair(std::size_t one, std::size_t other);
  void listWorst();
  void fetchPictures(const std::vector<std::size_t>& points);
  void showPictures(const std::vector<std::pair<std::size_t, QString>>& samples);

  OfficeSession& m_session;
  std::shared_ptr<const ExaminedImage> m_probe;
  std::shared_ptr<const ExploreData> m_data;
  std::vector<MapPoint> m_neighbours;  ///< Laid out by near neighbours; empty until it was done.
  Compared m_compared;
  int m_request = 0;   ///< Counts loads: answers about an earlier one are dropped.
  int m_question = 0;  ///< The same of what the list and the pictures are about.
  bool m_isLayingOut = false;
  bool m_isComparing = false;
  QComboBox* m_view;
  QComboBox* m_colour;
  QLabel* m_state;
  QStackedWidget* m_stack;
  QLabel* m_empty;
  EmbeddingMapView* m_map;
  SimilarityMatrixView* m_matrix;
  QLabel* m_title;
  QPushButton* m_open;
  QListWidget* m_list;
  PairGallery* m_gallery;
  PersonKey m_shown;
};

}  // namespace countersign::ui
