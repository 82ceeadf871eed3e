#include "capture/source/bpf.hpp"

#include <bit>
#include <utility>
#include <vector>

#include "capture/pcapng/block_parser.hpp"
#include "capture/source/bpf_program.hpp"
#include "net/base/text.hpp"

namespace synscope::source {
namespace {

/// A program that keeps a packet returns how much of it to keep; all that matters here is that it is not 0.
constexpr int kSnapLength = 262'144;

/// The link types of files and those of libpcap's programming interface are the same numbers but for a few
/// that came before files did.
int data_link_of(wire::LinkType link) {
    switch (static_cast<std::uint16_t>(link)) {
        case 100:
            return DLT_ATM_RFC1483;
        case 101:
            return DLT_RAW;
        case 102:
            return DLT_SLIP_BSDOS;
        case 103:
            return DLT_PPP_BSDOS;
        case 106:
            return DLT_ATM_CLIP;
        default:
            return static_cast<int>(link);
    }
}

/// The family in front of a NULL packet is in the byte order of the machine that captured it, and a program
/// for NULL knows only our own. What came from the other kind looks like LOOP, whose order is that of the
/// network.
wire::LinkType as_seen_here(wire::LinkType link, ByteSpan bytes) {
    const bool foreign = link == wire::LinkType::Null && std::endian::native == std::endian::little &&
                         bytes.size() >= 4 && load_be32(bytes, 0) < load_le32(bytes, 0);
    return foreign ? wire::LinkType::Loop : link;
}

}  // namespace

Result<BpfProgram, UserError> BpfProgram::compile(pcap_t* handle, const std::string& expression) {
    BpfProgram program;
    if (expression.find('\0') != std::string::npos)
        return failure(UserError{"bad filter: it holds a zero byte", expression, ""});
    if (pcap_compile(handle, &program.code_, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
        return failure(UserError{concat("bad filter: ", pcap_geterr(handle)), expression,
                                 "see `man pcap-filter` for the filter language"});
    return program;
}

struct BpfFilter::Impl {
    std::string expression;
    struct Row {
        wire::LinkType link{};
        BpfProgram program;
    };
    std::vector<Row> rows;  // few: one per kind of link in the files

    Result<const BpfProgram*, UserError> program_for(wire::LinkType link) {
        for (const Row& row : rows)
            if (row.link == link) return &row.program;
        const PcapHandle handle(pcap_open_dead(data_link_of(link), kSnapLength));
        if (handle == nullptr) return failure(UserError{"bad filter: out of memory", expression, ""});
        auto program = BpfProgram::compile(handle.get(), expression);
        if (!program) return failure(std::move(program).error());
        rows.push_back({link, *std::move(program)});
        return &rows.back().program;
    }
};

BpfFilter::BpfFilter(std::string expression) : impl_(std::make_unique<Impl>()) {
    impl_->expression = std::move(expression);
}
BpfFilter::BpfFilter(const BpfFilter& other) : BpfFilter(other.expression()) {}
BpfFilter::BpfFilter(BpfFilter&&) noexcept = default;
BpfFilter& BpfFilter::operator=(const BpfFilter& other) {
    return *this = BpfFilter(other);
}
BpfFilter& BpfFilter::operator=(BpfFilter&&) noexcept = default;
BpfFilter::~BpfFilter() = default;

const std::string& BpfFilter::expression() const noexcept {
    return impl_->expression;
}

Result<void, UserError> BpfFilter::prepare(wire::LinkType link) {
    if (const auto program = impl_->program_for(link); !program) return failure(program.error());
    return {};
}

Result<bool, UserError> BpfFilter::matches(wire::LinkType link, ByteSpan bytes,
                                           std::uint32_t original_length) {
    // What was never on a wire passes no filter.
    if (link == pcapng::kCustomBlockLink) return impl_->expression.empty();
    const auto program = impl_->program_for(as_seen_here(link, bytes));
    if (!program) return failure(program.error());
    pcap_pkthdr header{};
    header.caplen = static_cast<bpf_u_int32>(bytes.size());
    header.len = original_length;
    // libpcap reads the first byte's address even of an empty packet.
    static constexpr unsigned char kNothing = 0;
    const auto* data =
        bytes.empty() ? &kNothing : static_cast<const unsigned char*>(static_cast<const void*>(bytes.data()));
    return pcap_offline_filter(&(*program)->code(), &header, data) != 0;
}

}  // namespace synscope::source
