// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <QMimeData>
#include <QTest>
#include <algorithm>
#include <functional>
#include <memory>

#include "tests/support/TestImages.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"
#include "ui/MainWindow.h"
#include "ui/jobs/OfficeSession.h"

namespace countersign::ui {

/// Waits, with the event loop running, until something is true.
inline bool until(const std::function<bool()>& condition) {
  constexpr int kPatience = 60'000;
  return QTest::qWaitFor(condition, kPatience);
}

/// The real window on a store in a temporary folder, with a small random network.
class WindowFixture : public testing::Test {
 protected:
  void SetUp() override {
    // Somebody is on file unless a test wants an empty store.
    openWindow();
  }
  void TearDown() override {
    m_window.reset();
    m_session.reset();
  }

  void openWindow() {
    test::storeIn(storeFolder());
    m_window.reset();
    m_session.reset();
    m_session =
        std::make_unique<OfficeSession>(OfficeSession::ShippedNetworks{m_network, m_faceNetwork});
    m_window = std::make_unique<MainWindow>(*m_session, storeFolder(), m_folder.path() / "sample");
    m_window->resize(1024, 700);
    m_window->show();
    m_window->activateWindow();
    m_session->open(storeFolder());
    ASSERT_TRUE(until([&] { return m_session->isOpen() && m_session->service().has_value(); }));
  }
  /// Of a store that opens for everybody.
  std::filesystem::path storeFolder() const { return m_folder.path() / "store"; }

  /// A drawing of an invented person's signature, as a file.
  QString drawing(std::uint64_t number, std::uint64_t index) const {
    const auto path = m_folder.path() /
                      ("drawing-" + std::to_string(number) + "-" + std::to_string(index) + ".png");
    test::writeBytes(path, test::encoded(test::signatureDrawing(number, index), ".png"));
    return QString::fromStdString(path.string());
  }
  QString blankPage() const {
    const auto path = m_folder.path() / "blank.png";
    test::writeBytes(path, test::encoded(cv::Mat(200, 400, CV_8UC1, cv::Scalar(245)), ".png"));
    return QString::fromStdString(path.string());
  }

  /// Puts somebody on file through the session, as another page would.
  PersonKey enrol(const std::string& identifier, const std::string& name, std::uint64_t number,
                  int count = 3) {
    std::vector<QString> files;
    files.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) files.push_back(drawing(number, static_cast<std::uint64_t>(i)));
    PersonKey key;
    bool isDone = false;
    m_session->withDesk<Enrolled>(
        m_session.get(),
        [files, identifier, name](const Desk& desk) -> Result<Enrolled> {
          std::vector<std::shared_ptr<const ExaminedImage>> images;
          for (const auto& file : files) {
            auto image = desk.examine(std::filesystem::path(file.toStdString()));
            if (!image) return image.error();
            images.push_back(std::make_shared<const ExaminedImage>(*std::move(image)));
          }
          return desk.enrol(identifier, name, images);
        },
        [&](Result<Enrolled> enrolled) {
          EXPECT_TRUE(enrolled) << enrolled.error().message;
          if (enrolled) key = enrolled->person.key;
          isDone = true;
        });
    EXPECT_TRUE(until([&] { return isDone; }));
    m_session->reload();
    EXPECT_TRUE(until([&] {
      const auto& people = m_session->people();
      return std::any_of(people.begin(), people.end(),
                         [&](const PersonSummary& one) { return one.person.key == key; });
    }));
    return key;
  }

  /// Drops files on a widget as another program would.
  static void dropFiles(QWidget& target, const QStringList& files);

  /// Drops files on the Verify page one by one.
  ///
  /// @return  milliseconds from each drop to its painted verdict, in rising order.
  std::vector<double> dropToVerdict(const QStringList& files);

  test::TemporaryFolder m_folder;
  std::filesystem::path m_network = test::writeRandomNetwork(m_folder.path(), "net");
  std::filesystem::path m_faceNetwork;  ///< None unless a test wants one.
  std::unique_ptr<OfficeSession> m_session;
  std::unique_ptr<MainWindow> m_window;
};

}  // namespace countersign::ui
