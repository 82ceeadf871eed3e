// Service `digest`: HTTP/1.1 (RFC 9112) whose answers prove what went over the wire, and nothing else of
// HTTP.
//
//   GET /N              N bytes that no cut, swap or gap leaves as they are
//   GET /N/sha256       their SHA-256
//   PUT or POST         the SHA-256 of the body as it came
//
// Bodies are sent as the peer reads them and summed as they arrive: their length costs no memory. Connections
// are kept alive; what is no such request is answered with 4xx and the connection closed.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "net/base/hash.hpp"
#include "net/base/sha256.hpp"
#include "net/base/text.hpp"
#include "net/service/service.hpp"

namespace synscope::service {

namespace {

constexpr std::size_t kMostHead = 16384;
constexpr std::size_t kPiece = 65536;
constexpr std::uint64_t kMostSummed = std::uint64_t{1} << 30;  ///< a sum of more would hold everybody up
constexpr std::string_view kSumPath = "/sha256";

/// Byte `at` of the document of `length` bytes: eight at a time from a mixer, so that each place is its own.
void fill(std::uint64_t length, std::uint64_t at, MutableByteSpan out) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < out.size(); ++i, ++at) {
        if (i == 0 || at % 8 == 0) word = hash_mix(length * 0x9e3779b97f4a7c15ULL + at / 8 + 1);
        out[i] = static_cast<std::byte>(word >> at % 8 * 8);
    }
}

std::string sum_of_document(std::uint64_t length) {
    Sha256 sum;
    std::vector<std::byte> piece(kPiece);
    for (std::uint64_t at = 0; at < length; at += kPiece) {
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, length - at));
        fill(length, at, MutableByteSpan{piece}.first(n));
        sum.update(ByteSpan{piece}.first(n));
    }
    return hex_text(sum.finish());
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// A request's first line and those of its header fields that matter here.
struct Request {
    std::string_view method;
    std::string_view target;
    std::optional<std::uint64_t> content_length;
    bool close = false;             ///< after the answer
    bool expects_continue = false;  ///< RFC 9110 section 10.1.1
    bool chunked = false;
    bool wrong = false;
};

void read_field(std::string_view name, std::string_view value, Request& request) {
    const auto begin = value.find_first_not_of(" \t");
    const auto end = value.find_last_not_of(" \t");
    value = begin == std::string_view::npos ? std::string_view{} : value.substr(begin, end - begin + 1);
    if (same_word(name, "content-length")) {
        // RFC 9112 section 6.3: several of them, or none that is a number, cannot be read.
        request.wrong = request.wrong || request.content_length || !number(value);
        request.content_length = number(value);
    } else if (same_word(name, "connection")) {
        request.close = request.close || same_word(value, "close");
    } else if (same_word(name, "expect")) {
        request.expects_continue = same_word(value, "100-continue");
    } else if (same_word(name, "transfer-encoding")) {
        request.chunked = true;
    }
}

Request read_head(std::string_view head) {
    Request request;
    std::string_view line = until(head, "\r\n");
    request.method = until(line, " ");
    request.target = until(line, " ");
    request.wrong = !line.starts_with("HTTP/1.");
    request.close = line == "HTTP/1.0";
    while (!head.empty()) {
        std::string_view value = until(head, "\r\n");
        const std::string_view name = until(value, ":");
        read_field(name, value, request);
    }
    return request;
}

class DigestSession final : public Session {
  public:
    void on_message(ByteSpan message, Effects& effects) override {
        input_.append(reinterpret_cast<const char*>(message.data()), message.size());
        work(effects);
    }
    /// A peer that only reads on gets the rest of its answer.
    void on_eof(Effects& effects) override {
        close_ = true;
        if (left_to_send_ == 0) answered(effects);
    }
    void on_effect_result(const EffectResult&, Effects& effects) override {
        send_piece(effects);
        work(effects);
    }

  private:
    /// Takes from the input what can be dealt with now. A request waits for the answer before it.
    void work(Effects& effects) {
        while (!done_ && left_to_send_ == 0) {
            if (left_to_come_ > 0) {
                if (input_.empty()) return;
                take_body(effects);
                continue;
            }
            const std::size_t end = input_.find("\r\n\r\n");
            if (end == std::string::npos) {
                if (input_.size() > kMostHead) refuse("431 Request Header Fields Too Large", effects);
                return;
            }
            const std::string head = input_.substr(0, end + 2);
            input_.erase(0, end + 4);
            begin_answer(read_head(head), effects);
        }
    }

    void begin_answer(const Request& request, Effects& effects) {
        close_ = request.close;
        if (request.wrong) return refuse("400 Bad Request", effects);
        if (request.method == "GET") return answer_get(request.target, effects);
        if (request.method != "PUT" && request.method != "POST")
            return refuse("405 Method Not Allowed", effects);
        if (request.chunked || !request.content_length) return refuse("411 Length Required", effects);
        sum_ = Sha256{};
        left_to_come_ = *request.content_length;
        if (request.expects_continue) say("HTTP/1.1 100 Continue\r\n\r\n", effects);
        if (left_to_come_ == 0) answer_sum(hex_text(sum_.finish()), effects);
    }

    void answer_get(std::string_view target, Effects& effects) {
        const bool sum = target.ends_with(kSumPath);
        if (sum) target.remove_suffix(kSumPath.size());
        const auto length = target.starts_with('/') ? number(target.substr(1)) : std::nullopt;
        if (!length || (sum && *length > kMostSummed)) return refuse("404 Not Found", effects);
        if (sum) return answer_sum(sum_of_document(*length), effects);
        say_head("200 OK", *length, effects);
        length_ = left_to_send_ = *length;
        if (left_to_send_ == 0) return answered(effects);
        send_piece(effects);
    }

    /// One piece, and then as many as the peer reads.
    void send_piece(Effects& effects) {
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, left_to_send_));
        fill(length_, length_ - left_to_send_, effects.reply(n));
        left_to_send_ -= n;
        if (left_to_send_ == 0) return answered(effects);
        effects.add(WaitForRoom{RequestId{0}});
    }

    void take_body(Effects& effects) {
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_to_come_, input_.size()));
        sum_.update(std::as_bytes(std::span{input_.data(), n}));
        input_.erase(0, n);
        left_to_come_ -= n;
        if (left_to_come_ == 0) answer_sum(hex_text(sum_.finish()), effects);
    }

    void answer_sum(const std::string& sum, Effects& effects) {
        say_head("200 OK", sum.size() + 1, effects);
        say(concat(sum, '\n'), effects);
        answered(effects);
    }

    void answered(Effects& effects) {
        if (!close_) return;
        done_ = true;
        effects.add(Close{});
    }

    void refuse(std::string_view status, Effects& effects) {
        close_ = true;
        say_head(status, 0, effects);
        answered(effects);
    }

    void say_head(std::string_view status, std::uint64_t length, Effects& effects) const {
        say(concat("HTTP/1.1 ", status, "\r\nContent-Length: ", length, close_ ? "\r\nConnection: close" : "",
                   "\r\n\r\n"),
            effects);
    }

    static void say(std::string_view text, Effects& effects) {
        effects.reply(std::as_bytes(std::span{text.data(), text.size()}));
    }

    std::string input_;         ///< come and not dealt with
    std::uint64_t length_ = 0;  ///< of the document that is being sent
    std::uint64_t left_to_send_ = 0;
    std::uint64_t left_to_come_ = 0;  ///< of a body
    Sha256 sum_;
    bool close_ = false;
    bool done_ = false;  ///< nothing more is answered
};

class Digest final : public Service {
  public:
    std::unique_ptr<Session> open(ConnectionKey, const Endpoint&) override {
        return std::make_unique<DigestSession>();
    }
};

}  // namespace

std::unique_ptr<Service> make_digest() {
    return std::make_unique<Digest>();
}

}  // namespace synscope::service
