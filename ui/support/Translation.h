// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QCoreApplication;

namespace countersign::ui {

/// Loads the English plurals, and over them the desktop's language where there is a translation.
void installTranslations(QCoreApplication& application);

}  // namespace countersign::ui
