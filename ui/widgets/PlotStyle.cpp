// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/PlotStyle.h"

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/Plot.h"

namespace countersign::ui {

void dressPlot(QCustomPlot& plot, const QFont& font, const Colours& colours) {
  const auto small = scaled(font, 0.88, false);
  plot.setBackground(QBrush(Qt::transparent));
  plot.setAttribute(Qt::WA_OpaquePaintEvent, false);
  for (auto* axis : {plot.xAxis, plot.yAxis}) {
    axis->setBasePen(QPen(colours.line));
    axis->setTickPen(QPen(colours.line));
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelColor(colours.muted);
    axis->setLabelColor(colours.muted);
    axis->setTickLabelFont(small);
    axis->setLabelFont(small);
    axis->grid()->setPen(QPen(colours.line, 1, Qt::DotLine));
    axis->grid()->setZeroLinePen(QPen(colours.line, 1, Qt::DotLine));
  }
  plot.legend->setBrush(Qt::NoBrush);
  plot.legend->setFont(small);
  plot.legend->setTextColor(colours.text);
}

void putLegendAbove(QCustomPlot& plot) {
  plot.legend->setVisible(true);
  plot.legend->setBorderPen(Qt::NoPen);
  plot.axisRect()->insetLayout()->take(plot.legend);
  plot.plotLayout()->insertRow(0);
  plot.plotLayout()->addElement(0, 0, plot.legend);
  plot.plotLayout()->setRowStretchFactor(0, 1e-3);
  plot.plotLayout()->setRowSpacing(0);
  plot.legend->setFillOrder(QCPLegend::foColumnsFirst);
  plot.legend->setIconSize(16, 12);
  plot.legend->setMargins({});
}

}  // namespace countersign::ui
