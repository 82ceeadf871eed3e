#include "capture/dissect/tcp_options.hpp"

#include "net/base/text.hpp"
#include "net/wire/tcp_options.hpp"

namespace synscope::dissect {
namespace {

namespace option = wire::tcp_option;

/// RFC 2883 section 4: the first block lies below what is acknowledged, or inside the second block.
bool is_duplicate(const option::Sack& sack, Seq32 ack) noexcept {
    const option::SackBlock& first = sack.blocks[0];
    const auto within = [](Seq32 value, Seq32 from, Seq32 to) {
        return value.raw() - from.raw() <= to.raw() - from.raw();
    };
    if (ack.raw() - first.right.raw() < 0x80000000u) return true;
    if (sack.count < 2) return false;
    const option::SackBlock& second = sack.blocks[1];
    return within(first.left, second.left, second.right) && within(first.right, second.left, second.right);
}

/// Adds one option; `at` and `size` are its place in the layer.
class OptionFields {
  public:
    OptionFields(FieldWriter& fields, std::size_t at, std::size_t size, Seq32 ack) noexcept
        : fields_(fields), at_(at), size_(size), ack_(ack) {}

    void operator()(option::EndOfList) { add("tcp.options.eol", "End of options", ""); }
    void operator()(option::NoOp) {
        add("tcp.options.nop", "No operation", "").help("Fills up, so that the next option starts evenly.");
    }
    void operator()(option::Mss mss) {
        add("tcp.options.mss_val", "Maximum segment size", mss.value)
            .help("The most bytes the sender wants to receive in one segment.");
    }
    void operator()(option::WindowScale scale) {
        add("tcp.options.wscale.shift", "Window scale", scale.shift)
            .note(scale.shift > 14 ? "more than 14 counts as 14 (RFC 7323)"
                                   : concat("windows count in units of ", 1u << scale.shift, " bytes"));
    }
    void operator()(option::SackPermitted) {
        add("tcp.options.sack_perm", "SACK permitted", "")
            .help("The sender understands acknowledgments of single blocks.");
    }
    void operator()(const option::Sack& sack) {
        add("tcp.options.sack", "SACK", concat(sack.count, sack.count == 1 ? " block" : " blocks"))
            .help("Blocks that arrived behind a gap.");
        for (std::size_t i = 0; i < sack.count; ++i) {
            const std::size_t block = at_ + 2 + i * 8;
            fields_.u32("tcp.options.sack_le", "Left edge", block).deeper(2);
            if (i == 0 && is_duplicate(sack, ack_))
                fields_.note("not a gap: what came twice (D-SACK, RFC 2883)");
            fields_.u32("tcp.options.sack_re", "Right edge", block + 4).deeper(2);
        }
    }
    void operator()(option::Timestamps) {
        add("tcp.options.timestamp", "Timestamps", "")
            .help("The echo lets the sender measure the round-trip time.");
        fields_.u32("tcp.options.timestamp.tsval", "Value", at_ + 2).deeper(2);
        fields_.u32("tcp.options.timestamp.tsecr", "Echo", at_ + 6).deeper(2);
    }
    void operator()(const option::Unknown& unknown) { add_other_option(unknown, at_, size_, fields_); }
    void operator()(option::Malformed) {
        add("tcp.options.malformed", "Malformed option", "").note("its length makes no sense");
    }

  private:
    FieldWriter& add(std::string_view name, std::string_view label, std::string value) {
        return fields_.text(name, label, at_, size_, std::move(value)).deeper();
    }
    FieldWriter& add(std::string_view name, std::string_view label, std::uint64_t value) {
        return fields_.number(name, label, at_, size_, value).deeper();
    }
    FieldWriter& fields_;
    std::size_t at_;
    std::size_t size_;
    Seq32 ack_;
};

}  // namespace

void add_tcp_options(ByteSpan options, std::size_t at, Seq32 ack, FieldWriter& fields, Layer& layer,
                     std::size_t layer_at) {
    if (options.empty()) return;
    fields.data("tcp.options", "Options", at, options.size(), IsBytes{}, concat(options.size(), " bytes"));
    const wire::TcpOptions range{options};
    for (auto it = range.begin(); it != range.end(); ++it) {
        std::visit(OptionFields{fields, at + it.offset(), it.size(), ack}, *it);
        // Other options have it for their own field.
        if (!std::holds_alternative<option::Unknown>(*it))
            fields.u8("tcp.option_kind", "Kind", at + it.offset()).deeper(2);
        if (std::holds_alternative<option::Malformed>(*it))
            layer.malformed = Malformed{layer_at + at + it.offset(), "an option's length makes no sense"};
    }
}

}  // namespace synscope::dissect
