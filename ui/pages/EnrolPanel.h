// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "core/biometrics/Desk.h"
#include "ui/support/ImageLoading.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace countersign::ui {

class ImageDrop;
class OfficeSession;

/// Puts a person, or more references of one, on file: every image is shown as it came and as the
/// network sees it, with its quality in words, before anything is saved.
class EnrolPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit EnrolPanel(OfficeSession& session, QWidget* parent = nullptr);

  /// Starts anew, for somebody who is on file or for a new person.
  void begin(const std::optional<Person>& person, const QString& identifier = {});
  void takeImages(const QList<ImageSource>& sources);

  QLineEdit* identifier() const { return m_identifier; }
  QLineEdit* name() const { return m_name; }
  ImageDrop* drop() const { return m_drop; }
  QPushButton* saveButton() const { return m_save; }
  /// Says whom the images look like; hidden when nobody.
  QLabel* lookalike() const { return m_alikeText; }
  QPushButton* addToLookalikeButton() const { return m_addToAlike; }
  int imageCount() const { return static_cast<int>(m_images.size()); }
  const ShownImage& image(int index) const { return m_images.at(static_cast<std::size_t>(index)); }
  /// Opens the crop dialog for one image.
  void crop(int index);
  void remove(int index);

 Q_SIGNALS:
  void problem(const QString& sentence);
  void enrolled(countersign::PersonKey person);
  void cancelled();
  /// All images that were chosen have been read.
  void imagesReady();

 private:
  bool isAboutFaces() const;
  void showModality();
  void readNext();
  void checkAgreement();
  /// Looks for somebody else on file as whom all images would pass.
  void checkLookalikes();
  void renderLookalike();
  /// All images again by the network that serves now.
  void reexamine();
  void save();
  void render();
  void renderRows();
  QWidget* rowFor(int index);
  std::optional<Person> personOnFile() const;

  OfficeSession& m_session;
  std::optional<Person> m_person;
  std::vector<ShownImage> m_images;
  std::vector<ReferenceAgreement> m_agreement;
  std::optional<Candidate> m_lookalike;  ///< Somebody else on file who may be the same person.
  QList<ImageSource> m_waiting;
  int m_round = 0;
  int m_agreementRequest = 0;
  std::optional<PersonKey> m_comparedAs;  ///< Whose images they were taken for, if on file.
  bool m_isReading = false;
  bool m_isSaving = false;
  QStringList m_unreadable;
  QString m_typedName;  ///< While the name of somebody on file is shown instead.

  QLabel* m_title;
  QLineEdit* m_identifier;
  QLineEdit* m_name;
  ImageDrop* m_drop;
  QWidget* m_alike;
  QLabel* m_alikeText;
  QPushButton* m_addToAlike;
  QLabel* m_advice;
  QVBoxLayout* m_rows;
  QPushButton* m_save;
  QPushButton* m_cancel;
};

}  // namespace countersign::ui
