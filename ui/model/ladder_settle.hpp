#pragma once
// What remains of a ladder's words when rows come too close: what would overlap goes, earlier ones win.
// Internal to ui/model.

#include <vector>

#include "ui/model/ladder.hpp"

namespace synscope::model {

/// Bands in order of their y.
void settle_bands(std::vector<DrawItem>& bands);
/// Labels of one column; those that remain, and do not lie under a band, become items.
void settle_labels(std::vector<Label>& labels, const std::vector<DrawItem>& bands,
                   std::vector<DrawItem>& items);

}  // namespace synscope::model
