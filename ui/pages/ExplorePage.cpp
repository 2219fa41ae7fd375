// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/ExplorePage.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <set>

#include "ui/jobs/OfficeSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/EmbeddingMapView.h"
#include "ui/widgets/PairGallery.h"
#include "ui/widgets/SimilarityMatrixView.h"

namespace countersign::ui {

ExplorePage::ExplorePage(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_view(new QComboBox),
      m_colour(new QComboBox),
      m_state(new QLabel),
      m_stack(new QStackedWidget),
      m_empty(new QLabel(tr("Nobody is on file yet. Enrol people (F3), and their samples appear "
                            "here as the network sees them."))),
      m_map(new EmbeddingMapView),
      m_matrix(new SimilarityMatrixView),
      m_title(new QLabel),
      m_open(new QPushButton(tr("Open the person"))),
      m_list(new QListWidget),
      m_gallery(new PairGallery) {
  m_view->addItems(
      {tr("Map: greatest spread"), tr("Map: near neighbours"), tr("Everybody with everybody")});
  m_view->setAccessibleName(tr("What is shown"));
  m_colour->addItems({tr("Coloured by person"), tr("Coloured by quality")});
  m_colour->setAccessibleName(tr("What the colours mean"));
  m_state->setProperty("look", "caption");
  m_state->setWordWrap(true);
  m_empty->setWordWrap(true);
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setProperty("look", "caption");
  auto* top = new QHBoxLayout;
  top->setSpacing(kGrid);
  top->addWidget(m_view);
  top->addWidget(m_colour);
  top->addWidget(m_state, 1);
  m_stack->addWidget(m_empty);
  m_stack->addWidget(m_map);
  m_stack->addWidget(m_matrix);
  auto* side = new QWidget;
  constexpr int kWidth = 300;
  side->setFixedWidth(kWidth);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGrid);
  m_title->setWordWrap(true);
  m_title->setFont(scaled(font(), 1.1, true));
  m_list->setAccessibleName(tr("What is nearest, or needs a look"));
  column->addWidget(m_title);
  column->addWidget(m_list, 2);
  column->addWidget(m_gallery->scrolling(tr("Pictures of the samples")), 3);
  column->addWidget(m_open);
  auto* columns = new QHBoxLayout;
  columns->setSpacing(2 * kGrid);
  columns->addWidget(m_stack, 1);
  columns->addWidget(side);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addLayout(top);
  layout->addLayout(columns, 1);

  m_map->setNameOf([this](std::size_t sample) {
    const auto& it = m_data->samples[sample];
    return it.isPoor ? tr("%1: %2").arg(m_data->nameOf(sample), it.quality)
                     : m_data->nameOf(sample);
  });
  connect(m_view, &QComboBox::currentIndexChanged, this, &ExplorePage::showView);
  connect(m_colour, &QComboBox::currentIndexChanged, this, &ExplorePage::paintGroups);
  connect(m_map, &EmbeddingMapView::pointChosen, this, &ExplorePage::showNeighbours);
  connect(m_map, &EmbeddingMapView::selectionChanged, this, &ExplorePage::showSelection);
  connect(m_map, &EmbeddingMapView::picturesWanted, this, &ExplorePage::fetchPictures);
  connect(m_matrix, &SimilarityMatrixView::pairChosen, this, &ExplorePage::showPair);
  connect(m_list, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) {
    const auto places = item->data(Qt::UserRole).toPoint();
    if (static_cast<View>(m_view->currentIndex()) == View::Matrix) {
      showPair(static_cast<std::size_t>(places.x()), static_cast<std::size_t>(places.y()));
    } else {
      m_map->choose(static_cast<std::size_t>(places.x()));
    }
  });
  connect(m_list, &QListWidget::itemClicked, m_list, &QListWidget::itemActivated);
  connect(m_open, &QPushButton::clicked, this, [this] { Q_EMIT personWanted(m_shown); });
  connect(&m_session, &OfficeSession::peopleChanged, this, &ExplorePage::forget);
  connect(&m_session, &OfficeSession::modalityChanged, this, &ExplorePage::forget);
  connect(&m_session, &OfficeSession::serviceChanged, this, [this] {
    const auto& service = m_session.service();
    if (!m_data || !service) return;
    if (m_data->network != service->service.identity)
      forget();
    else if (m_compared.similarity)
      followThreshold();
  });
  m_open->hide();
}

void ExplorePage::start(std::shared_ptr<const ExaminedImage> probe) {
  const bool isAnother = probe != m_probe;
  m_probe = std::move(probe);
  if (isAnother) clear();
  if (!m_data) load();
  m_view->setFocus();
}

void ExplorePage::forget() {
  clear();
  if (isVisible()) load();
}

void ExplorePage::clear() {
  ++m_request;
  ++m_question;
  m_data.reset();
  m_compared = {};
  m_neighbours.clear();
  m_isLayingOut = false;
  m_isComparing = false;
  // Nothing may be clicked or painted of what is not there any more.
  m_map->setPoints({}, {});
  m_matrix->setSimilarity(nullptr, {}, 0);
  m_list->clear();
  m_gallery->setItems({});
  m_title->clear();
  m_open->hide();
  m_state->clear();
}

void ExplorePage::load() {
  using Loaded = std::shared_ptr<const ExploreData>;
  if (!m_session.isOpen()) return;
  m_session.withImages<Loaded>(
      this, [probe = m_probe](const Desk& desk) { return exploreStore(desk, probe); },
      [this, request = ++m_request](const Result<Loaded>& data) {
        if (request != m_request) return;
        if (!data) {
          Q_EMIT problem(QString::fromStdString(data.error().message));
          return;
        }
        m_data = *data;
        m_map->setPoints(m_data->plane, {});
        paintGroups();
        showView();
      });
}

void ExplorePage::paintGroups() {
  if (!m_data) return;
  std::vector<int> groups;
  groups.reserve(m_data->samples.size());
  for (const auto& sample : m_data->samples)
    groups.push_back(sample.reference.value == 0     ? -1
                     : m_colour->currentIndex() == 0 ? static_cast<int>(sample.person)
                     : sample.isPoor                 ? 0
                                                     : 1);
  m_map->setGroups(std::move(groups));
}

void ExplorePage::showView() {
  if (!m_data) return;
  ++m_question;
  const auto view = static_cast<View>(m_view->currentIndex());
  m_colour->setVisible(view != View::Matrix);
  if (m_data->samples.empty()) {
    m_stack->setCurrentWidget(m_empty);
    return;
  }
  m_stack->setCurrentWidget(view == View::Matrix ? static_cast<QWidget*>(m_matrix) : m_map);
  m_list->clear();
  m_title->setText(
      view == View::Matrix
          ? QString()
          : tr("Click a sample to see what is nearest. Shift and drag encircles several."));
  m_gallery->setItems({});
  m_open->hide();
  const QLocale locale;
  const auto all = tr("All %1 samples of %2 people.")
                       .arg(locale.toString(static_cast<qulonglong>(m_data->samples.size())),
                            locale.toString(static_cast<qulonglong>(m_data->people.size())));
  switch (view) {
    case View::Plane:
      m_map->movePoints(m_data->plane);
      m_state->setText(tr("%1 The plane in which they spread most; much of what sets them apart "
                          "lies outside of it.")
                           .arg(all));
      break;
    case View::Neighbours:
      m_state->setText(
          tr("%1 What is near stays near; distances between groups mean nothing.").arg(all));
      if (m_neighbours.empty())
        layOut();
      else
        m_map->movePoints(m_neighbours);
      break;
    case View::Matrix:
      m_state->setText(
          tr("%1 Mean similarities. Red off the diagonal: above τ, two people who look "
             "like one; red on it: below τ, references that do not agree. The worst "
             "stand first.")
              .arg(all));
      if (m_compared.similarity)
        listWorst();
      else
        compare();
      break;
  }
}

void ExplorePage::layOut() {
  if (m_isLayingOut) return;
  m_isLayingOut = true;
  using Layout = std::vector<MapPoint>;
  m_session.longJobs().runWatched<Layout, Layout>(
      this, tr("Laying out the map"),
      [data = m_data](const std::stop_token& stop, const JobQueue::Report& report,
                      const std::function<void(const Layout&)>& seen) -> Result<Layout> {
        const NeighbourLayout::Options options;
        const auto samples = static_cast<int>(data->samples.size());
        auto layout = NeighbourLayout::prepare(
            data->embeddings(), options,
            {stop, [&](int done) { report(done * options.steps / 4 / samples, options.steps); }});
        if (!layout) return layout.error();
        constexpr int kShown = 5;
        while (layout->step()) {
          if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "The map was not laid out to the end.", ""};
          const int done = layout->stepsDone();
          report(options.steps / 4 + 3 * done / 4, options.steps);
          if (done % kShown == 0) seen(layout->layout());
        }
        return layout->layout();
      },
      [this, request = m_request](const Layout& layout) {
        if (request == m_request && static_cast<View>(m_view->currentIndex()) == View::Neighbours)
          m_map->movePoints(layout);
      },
      [this, request = m_request](const Result<Layout>& layout) {
        if (request != m_request) return;
        m_isLayingOut = false;
        if (layout) m_neighbours = *layout;
        if (static_cast<View>(m_view->currentIndex()) != View::Neighbours) return;
        if (layout)
          m_map->movePoints(m_neighbours);
        else
          m_state->setText(
              tr("The map was stopped before it settled. Choose another view and this "
                 "one again to lay it out anew."));
      });
}

void ExplorePage::followThreshold() {
  const auto& service = m_session.service();
  const double threshold = service ? service->service.rule.threshold.value : 0;
  if (m_compared.threshold == threshold) return;
  m_compared.threshold = threshold;
  m_compared.order = m_compared.similarity->worstFirst(threshold);
  m_matrix->setSimilarity(m_compared.similarity, m_compared.order, threshold);
}

void ExplorePage::compare() {
  if (m_isComparing) return;
  m_isComparing = true;
  const double threshold =
      m_session.service() ? m_session.service()->service.rule.threshold.value : 0;
  m_session.withDeskLong<Compared>(
      this, tr("Comparing everybody with everybody"),
      [threshold](const Desk& desk, const std::stop_token& stop,
                  const JobQueue::Report& report) -> Result<Compared> {
        auto similarity = comparePeople(
            desk, {stop, [&](const ComparingProgress& p) { report(p.done, p.total); }});
        if (!similarity) return similarity.error();
        constexpr std::size_t kMost = 20;
        Compared compared{{},
                          threshold,
                          similarity->worstFirst(threshold),
                          similarity->lookalikes(kMost),
                          similarity->inconsistent(kMost)};
        compared.similarity = std::make_shared<const PeopleSimilarity>(*std::move(similarity));
        return compared;
      },
      [this, request = m_request](Result<Compared> compared) {
        if (request != m_request) return;
        m_isComparing = false;
        if (!compared) {
          if (compared.error().code != ErrorCode::Cancelled)
            Q_EMIT problem(QString::fromStdString(compared.error().message));
          // There is nothing to see there; choosing it again begins anew.
          if (static_cast<View>(m_view->currentIndex()) == View::Matrix)
            m_view->setCurrentIndex(static_cast<int>(View::Plane));
          return;
        }
        m_compared = *std::move(compared);
        followThreshold();  // another one may be in force by now
        m_matrix->setSimilarity(m_compared.similarity, m_compared.order, m_compared.threshold);
        if (static_cast<View>(m_view->currentIndex()) == View::Matrix) listWorst();
      });
}

void ExplorePage::listWorst() {
  m_title->setText(tr("Look at these first"));
  m_list->clear();
  const auto drawn = m_matrix->order().size();
  if (drawn < m_compared.order.size())
    m_state->setText(tr("%1 Drawn are the %2 who need a look most.")
                         .arg(m_state->text(), QLocale().toString(static_cast<qulonglong>(drawn))));
  const auto add = [this](const QString& text, const PeopleSimilarity::Pair& pair) {
    auto* item = new QListWidgetItem(text, m_list);
    item->setData(Qt::UserRole, QPoint(static_cast<int>(pair.one), static_cast<int>(pair.other)));
  };
  const auto nameOf = [this](std::size_t person) {
    const auto& it = m_compared.similarity->people[person];
    return QString::fromStdString(it.name.empty() ? it.identifier : it.name);
  };
  for (const auto& pair : m_compared.lookalikes)
    add(tr("%1  %2 and %3").arg(scoreText(double{pair.mean}), nameOf(pair.one), nameOf(pair.other)),
        pair);
  for (const auto& pair : m_compared.inconsistent)
    add(tr("%1  own references of %2").arg(scoreText(double{pair.mean}), nameOf(pair.one)), pair);
}

void ExplorePage::showNeighbours(std::size_t sample) {
  using Nearest = std::vector<Neighbour>;
  m_title->setText(m_data->nameOf(sample));
  const bool isOnFile = m_data->samples[sample].reference.value != 0;
  m_open->setVisible(isOnFile);
  if (isOnFile) m_shown = m_data->people[m_data->samples[sample].person].key;
  m_list->clear();
  m_session.withImages<Nearest>(
      this,
      [data = m_data, sample](const Desk& desk) -> Result<Nearest> {
        constexpr std::size_t kMost = 12;
        return nearestTo(desk.network(), *data, sample, kMost);
      },
      [this, question = ++m_question, sample](const Result<Nearest>& nearest) {
        if (question != m_question || !nearest) return;
        std::vector<std::pair<std::size_t, QString>> shown{{sample, m_data->nameOf(sample)}};
        for (const auto& one : *nearest) {
          const auto text = tr("%1  %2").arg(scoreText(one.score), m_data->nameOf(one.sample));
          auto* item = new QListWidgetItem(text, m_list);
          item->setData(Qt::UserRole, QPoint(static_cast<int>(one.sample), 0));
          constexpr std::size_t kPictures = 6;
          if (shown.size() < kPictures) shown.emplace_back(one.sample, text);
        }
        showPictures(shown);
      });
}

void ExplorePage::showSelection() {
  ++m_question;
  m_list->clear();
  m_open->hide();
  const auto& selection = m_map->selection();
  std::set<std::size_t> people;
  std::vector<std::pair<std::size_t, QString>> shown;
  for (const auto sample : selection) {
    if (m_data->samples[sample].reference.value != 0) people.insert(m_data->samples[sample].person);
    auto* item = new QListWidgetItem(m_data->nameOf(sample), m_list);
    item->setData(Qt::UserRole, QPoint(static_cast<int>(sample), 0));
    constexpr std::size_t kPictures = 12;
    if (shown.size() < kPictures) shown.emplace_back(sample, m_data->nameOf(sample));
  }
  m_title->setText(
      tr("Encircled: %1 samples of %2 people").arg(selection.size()).arg(people.size()));
  showPictures(shown);
}

void ExplorePage::showPair(std::size_t one, std::size_t other) {
  ++m_question;
  if (!m_compared.similarity || std::max(one, other) >= m_compared.similarity->people.size())
    return;
  m_matrix->choose(one, other);
  const auto& people = m_compared.similarity->people;
  m_title->setText(one == other
                       ? tr("Own references of %1").arg(personText(people[one]))
                       : tr("%1 and %2").arg(personText(people[one]), personText(people[other])));
  m_shown = people[one].key;
  m_open->show();
  std::vector<std::pair<std::size_t, QString>> shown;
  for (const auto person : {one, other}) {
    for (std::size_t sample = 0; sample < m_data->samples.size(); ++sample) {
      const auto& it = m_data->samples[sample];
      if (it.reference.value != 0 && m_data->people[it.person].key == people[person].key)
        shown.emplace_back(sample, m_data->nameOf(sample));
    }
    if (one == other) break;
  }
  showPictures(shown);
}

void ExplorePage::showPictures(const std::vector<std::pair<std::size_t, QString>>& samples) {
  using Items = std::vector<PairGallery::Item>;
  m_session.withImages<Items>(
      this,
      [data = m_data, samples](const Desk& desk) -> Result<Items> {
        Items items;
        for (const auto& [sample, caption] : samples) {
          PairGallery::Item item;
          item.first = thumbnailOf(desk, *data, sample);
          item.caption = caption;
          items.push_back(std::move(item));
        }
        return items;
      },
      [this, question = m_question](const Result<Items>& items) {
        if (question == m_question && items) m_gallery->setItems(*items);
      });
}

void ExplorePage::fetchPictures(const std::vector<std::size_t>& points) {
  using Pictures = std::vector<std::pair<std::size_t, QImage>>;
  m_session.withImages<Pictures>(
      this,
      [data = m_data, points](const Desk& desk) -> Result<Pictures> {
        Pictures pictures;
        pictures.reserve(points.size());
        for (const auto point : points) {
          constexpr int kWidth = 160;
          const auto picture = thumbnailOf(desk, *data, point);
          pictures.emplace_back(
              point,
              picture.isNull() ? picture : picture.scaledToWidth(kWidth, Qt::SmoothTransformation));
        }
        return pictures;
      },
      [this, data = m_data](const Result<Pictures>& pictures) {
        if (data != m_data || !pictures) return;
        for (const auto& [point, picture] : *pictures) m_map->setPicture(point, picture);
      });
}

}  // namespace countersign::ui
