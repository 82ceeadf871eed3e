#include "ui/model/ladder_settle.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace synscope::model {

namespace {

constexpr float kRounding = 0.01F;  ///< pixels by which two that touch may seem to overlap

bool under_band(const Box& box, const std::vector<DrawItem>& bands) {
    const auto it = std::lower_bound(bands.begin(), bands.end(), box.y0, [](const DrawItem& item, float y) {
        return std::get<Band>(item).box.y1 <= y;
    });
    return it != bands.end() && std::get<Band>(*it).box.overlaps(box);
}

}  // namespace

void settle_bands(std::vector<DrawItem>& bands) {
    std::vector<DrawItem> kept;
    float free_from = -std::numeric_limits<float>::max();
    for (DrawItem& item : bands) {
        const Box box = std::get<Band>(item).box;
        if (box.y0 < free_from - kRounding) continue;
        free_from = box.y1;
        kept.push_back(std::move(item));
    }
    bands = std::move(kept);
}

void settle_labels(std::vector<Label>& labels, const std::vector<DrawItem>& bands,
                   std::vector<DrawItem>& items) {
    std::stable_sort(labels.begin(), labels.end(),
                     [](const Label& a, const Label& b) { return a.box.y0 < b.box.y0; });
    float free_from = -std::numeric_limits<float>::max();
    for (Label& label : labels) {
        if (label.box.y0 < free_from - kRounding || label.text.empty() || under_band(label.box, bands))
            continue;
        free_from = label.box.y1;
        items.push_back(std::move(label));
    }
}

}  // namespace synscope::model
