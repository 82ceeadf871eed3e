#include "capture/dissect/dissection.hpp"

namespace synscope::dissect {

std::string Dissection::protocols() const {
    std::string out;
    append_protocols(out);
    return out;
}

void Dissection::append_protocols(std::string& out) const {
    const std::size_t begin = out.size();
    for (const Layer& layer : layers) {
        if (out.size() != begin && !layer.path.empty()) out += ':';
        out += layer.path;
    }
}

const Layer* Dissection::find_layer(std::string_view protocol) const noexcept {
    for (const Layer& layer : layers)
        if (layer.protocol == protocol) return &layer;
    return nullptr;
}

const Field* Dissection::find_field(std::string_view name) const noexcept {
    for (const Layer& layer : layers)
        for (const Field& field : layer.fields)
            if (field.name == name) return &field;
    return nullptr;
}

const Field* Dissection::field_at(std::size_t offset, std::size_t source) const noexcept {
    const Field* best = nullptr;
    for (const Layer& layer : layers)
        for (const Field& field : layer.fields) {
            if (layer.source != source || !field.bytes.contains(offset)) continue;
            // The smallest wins; among equals (flags of one byte) the first, which names the whole.
            if (best == nullptr || field.bytes.size() < best->bytes.size()) best = &field;
        }
    return best;
}

}  // namespace synscope::dissect
