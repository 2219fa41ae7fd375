#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails when an include points the wrong way. Argument: the folder to check (default: this one).
cd "${1:-.}" || exit 2
layers="base imaging corpus metric biometrics storage evaluation training office"
sources="--include=*.h --include=*.cpp"
bad=$(
  # core has no Qt, no SQLite and nothing from above; core/storage/*.cpp alone may use QtCore, QtSql
  # and sqlite3.h.
  grep -rnE '#include [<"](Q[A-Z]|ui/|app/|sqlite3\.h)' core $sources |
    grep -vE '^core/storage/[^:]*\.cpp:[0-9]+:#include <(Q[A-Za-z]+|sqlite3\.h)>'
  grep -rnE '#include [<"](QtWidgets|QtGui|QWidget|QPixmap|QImage|QApplication)' core $sources
  # LibTorch stays in sources, and in headers below internal/, which nothing outside core includes.
  grep -rnE '#include [<"](torch/|ATen/|c10/)' core --include='*.h' | grep -v '/internal/'
  if [ -d ui ]; then
    grep -rnE '#include [<"](torch/|ATen/|c10/|app/)' ui $sources
    grep -rnE '#include "core/[a-z]+/internal/' ui $sources
  fi
  grep -rnE '#include ([<"](torch/|ATen/|c10/)|"core/[a-z]+/internal/)' app $sources
  grep -rnE '#include "tests/' core app $sources
  # highgui would load another Qt.
  grep -rn 'opencv2/highgui' core app tests $sources
  higher=$layers
  for layer in $layers; do
    higher=${higher#"$layer"}
    higher=${higher# }
    for above in $higher; do
      [ -d "core/$layer" ] && grep -rn "#include \"core/$above/" "core/$layer"
    done
  done
  # Every source file says its licence.
  for file in $(find core app ui tests -name "*.h" -o -name "*.cpp"); do
    head -n 1 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || echo "$file: no SPDX line"
  done
)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
