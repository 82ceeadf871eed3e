#include "capture/trace/interface_texts.hpp"

#include "capture/pcapng/block_parser.hpp"

namespace synscope::trace {

Interface InterfaceTexts::interface_of(const pcapng::InterfaceItem& item) {
    const auto kept = [&](std::string_view text) {
        if (text.size() > left_) text = {};
        left_ -= text.size();
        return std::string{text};
    };
    Interface interface {
        item.link_type, item.snap_length, kept(item.name), kept(item.description), kept(item.filter)
    };
    for (const std::string_view comment : item.comments)
        if (std::string text = kept(comment); !text.empty()) interface.comments.push_back(std::move(text));
    return interface;
}

}  // namespace synscope::trace
