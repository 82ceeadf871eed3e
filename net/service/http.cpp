// Service `http`: the files below one folder over HTTP/1.1 (RFC 9110, RFC 9112), for curl and for browsers.
// GET and HEAD, keep-alive, pipelining (answers in the order of the requests), ranges, conditions.
//
//   GET /folder/     its index.html, or a list of what is in it         GET /folder     301 to /folder/
//
// A request that two readers could take in two ways is refused and the connection closed: behind it nobody
// knows where the next one begins. There is no clock here: no Date field is sent (section 6.6.1 lets a server
// without one do so), and no client is too slow (408).
#include <algorithm>
#include <optional>

#include "net/base/text.hpp"
#include "net/framing/http_decoder.hpp"
#include "net/service/http_folder.hpp"
#include "net/service/http_range.hpp"
#include "net/service/http_text.hpp"
#include "net/service/lines.hpp"
#include "net/service/parting.hpp"

namespace synscope::service {

namespace {

using framing::HttpBody;
using framing::HttpHead;

constexpr framing::Limits kRequestLimits{std::uint64_t{64} << 10};  ///< a body that nobody asked for
constexpr std::uint32_t kPiece = 65536;
constexpr RequestId kOpen{0};
constexpr RequestId kRead{1};
constexpr RequestId kList{2};
constexpr RequestId kIsFolder{3};

bool is_known_method(std::string_view method) {
    for (const std::string_view known :
         {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
        if (method == known) return true;
    return false;
}

const std::string kIndex{"index.html"};
constexpr std::string_view kNoFile{"there is no such file"};

/// Names that begin with a dot are not served: "..", and what is not meant to be seen, such as half an
/// upload.
bool is_hidden(std::string_view path) {
    return path.starts_with('.') || path.find("/.") != std::string_view::npos;
}

class HttpSession final : public Session {
  public:
    void on_message(ByteSpan message, Effects& effects) override {
        if (done_) return parting_.drop(message.size(), effects);
        decoder_.feed(message);
        work(effects);
        decoder_.keep();
    }
    /// A peer that only reads on gets the rest of its answer.
    void on_eof(Effects& effects) override {
        eof_ = true;
        if (done_) return effects.add(Close{});
        work(effects);
    }
    void on_effect_result(const EffectResult& result, Effects& effects) override {
        if (result.request == kRead)
            on_piece(result, effects);
        else if (const auto* opened = std::get_if<FileOpened>(&result.outcome))
            on_opened(*opened, effects);
        else if (const auto* folder = std::get_if<FolderListed>(&result.outcome))
            on_folder(*folder, result.request == kList, effects);
        else
            on_refused(std::get<Refused>(result.outcome), result.request, effects);
        work(effects);
    }

  private:
    /// Requests wait for the answer before them. They wait in the decoder, which stays small: an answer that
    /// is not finished has filled the conversation's output, and then nothing is read.
    void work(Effects& effects) {
        while (!busy_ && !done_) {
            const auto request = decoder_.next();
            if (!request) {
                look_at_incomplete(effects);
                if (!eof_ || done_) return;
                done_ = true;
                return effects.add(Close{});
            }
            const std::string_view text{reinterpret_cast<const char*>(request->content.data()),
                                        request->content.size()};
            begin(text.substr(0, text.size() - request->body.size()), effects);
        }
    }

    void look_at_incomplete(Effects& effects) {
        if (const auto error = decoder_.error()) {
            close_ = distrusted_ = true;
            // A body too long for a method that takes none: the method is what is wrong.
            const auto head = framing::read_http_head(decoder_.head());
            if (decoder_.status() == 413 && head && !serves(head->method))
                return refuse_method(*head, effects);
            return refuse(decoder_.status(), error->reason, effects);
        }
        if (decoder_.head().empty()) return;
        // Its body is still to come, and would be in vain.
        const auto head = framing::read_http_head(decoder_.head());
        if (!head || serves(head->method)) return;
        close_ = distrusted_ = true;
        refuse_method(*head, effects);
    }

    static bool serves(std::string_view method) { return method == "GET" || method == "HEAD"; }
    void refuse_method(const HttpHead& head, Effects& effects) {
        without_body_ = false;
        refuse(is_known_method(head.method) ? 405 : 501, "only GET and HEAD are served", effects,
               "Allow: GET, HEAD\r\n");
    }

    void begin(std::string_view text, Effects& effects) {
        const auto head = framing::read_http_head(text);  // the decoder has read it before
        without_body_ = head->method == "HEAD";
        close_ = close_ || head->lists("connection", "close") ||
                 (head->minor == 0 && !head->lists("connection", "keep-alive"));
        if (!head->is_request) return give_up(400, "a response instead of a request", effects);
        if (head->count("host") != (head->minor == 0 ? std::min<std::size_t>(head->count("host"), 1) : 1))
            return give_up(400, "not exactly one Host field", effects);
        if (!serves(head->method)) return refuse_method(*head, effects);
        if (head->find("expect") != nullptr && !head->lists("expect", "100-continue"))
            return refuse(417, "an unknown expectation", effects);
        const auto path = path_of_target(head->target);
        if (!path) return refuse(400, "a target that is no path", effects);
        if (is_hidden(*path)) return refuse(404, kNoFile, effects);
        head_text_ = text;
        path_ = *path;
        busy_ = true;
        effects.add(OpenFile{kOpen, names_folder() ? path_ + kIndex : path_, FileMode::Read});
    }

    [[nodiscard]] bool names_folder() const { return path_.empty() || path_.back() == '/'; }

    void on_folder(const FolderListed& folder, bool listed, Effects& effects) {
        if (listed) {
            const std::string page = folder_page(path_, folder);
            say_head(
                200, page.size(),
                "Content-Type: text/html; charset=utf-8\r\nContent-Security-Policy: default-src 'none'\r\n",
                effects);
            if (!without_body_) effects.reply(bytes_of(page));
            return answered(effects);
        }
        // Without its slash, links in its page would lead beside it.
        const auto head = framing::read_http_head(head_text_);
        const std::string path{head->target.substr(0, head->target.find_first_of("?#"))};
        refuse(301, "it is a folder", effects, concat("Location: ", path, "/\r\n"));
    }

    void on_opened(const FileOpened& opened, Effects& effects) {
        const auto head = framing::read_http_head(head_text_);
        const Validators file = validators(opened.size, opened.modified_ns);
        std::string fields = concat("ETag: ", file.etag, "\r\nAccept-Ranges: bytes\r\n");
        if (file.modified_s) append(fields, concat("Last-Modified: ", http_date(*file.modified_s), "\r\n"));
        WantedRanges wanted;
        int status = status_by_conditions(*head, file);
        if (status == 200 && !without_body_) wanted = wanted_ranges(*head, file, opened.size);
        if (wanted.kind == RangeKind::Unsatisfiable) status = 416;
        if (status == 412 || status == 416 || status == 304) effects.add(CloseFile{opened.file});
        if (status == 412) return refuse(412, "it has changed", effects);
        if (status == 416)
            return refuse(416, "the range lies behind the end", effects,
                          concat("Content-Range: bytes */", opened.size, "\r\n"));
        if (status == 304) {
            say_head(304, std::nullopt, fields, effects);
            return answered(effects);
        }
        send(opened, std::move(wanted), file, fields, effects);
    }

    void send(const FileOpened& opened, WantedRanges wanted, const Validators& file, std::string& fields,
              Effects& effects) {
        const bool whole = wanted.kind == RangeKind::Whole;
        const std::string_view type = content_type(names_folder() ? kIndex : path_);
        file_ = opened.file;
        parts_ = whole ? std::vector{ByteRange{0, opened.size}} : std::move(wanted.parts);
        next_part_ = 0;
        at_ = end_ = 0;
        multipart_.reset();
        std::uint64_t length = parts_.front().size();
        if (parts_.size() > 1) {
            multipart_.emplace(file, type, opened.size);
            length = multipart_->length(parts_);
        } else if (!whole) {
            append(fields, concat("Content-Range: ", content_range(parts_.front(), opened.size), "\r\n"));
        }
        append(fields, concat("Content-Type: ", multipart_ ? multipart_->content_type() : type, "\r\n"));
        say_head(whole ? 200 : 206, length, fields, effects);
        if (without_body_) parts_.clear();
        ask_for_piece(effects);
    }
    void ask_for_piece(Effects& effects) {
        while (at_ == end_) {
            if (next_part_ == parts_.size()) {
                if (multipart_) effects.reply(bytes_of(multipart_->end()));
                effects.add(CloseFile{file_});
                return answered(effects);
            }
            const ByteRange& part = parts_[next_part_];
            if (multipart_) effects.reply(bytes_of(multipart_->head(part, next_part_ == 0)));
            at_ = part.begin;
            end_ = part.end;
            ++next_part_;
        }
        effects.add(ReadFile{kRead, file_, at_,
                             static_cast<std::uint32_t>(std::min<std::uint64_t>(kPiece, end_ - at_))});
    }
    void on_piece(const EffectResult& result, Effects& effects) {
        const auto* read = std::get_if<FileRead>(&result.outcome);
        if (read == nullptr || read->bytes.empty()) {
            // It has become shorter, or cannot be read: the promised length cannot be kept, and the end of
            // the connection is what tells the client.
            effects.add(CloseFile{file_});
            close_ = true;
            return answered(effects);
        }
        effects.reply(read->bytes);
        at_ += read->bytes.size();
        ask_for_piece(effects);
    }

    void on_refused(const Refused& refused, RequestId request, Effects& effects) {
        if (request == kOpen && names_folder() && refused.refusal == Refusal::NotFound)
            return effects.add(ListFolder{kList, path_, kMostListed});
        // A folder, named without its slash?
        if (request == kOpen && !names_folder() && refused.refusal == Refusal::NotAllowed)
            return effects.add(ListFolder{kIsFolder, path_, 0});
        switch (refused.refusal) {
            case Refusal::NotAllowed:
                return refuse(403, "it may not be read", effects);
            case Refusal::TooManyOpen:
                return refuse(503, "too many files are open", effects);
            case Refusal::Failed:
                return refuse(500, "it cannot be read", effects);
            default:
                // Also what lies outside: whether that exists is nobody's business.
                return refuse(404, kNoFile, effects);
        }
    }

    /// Refuses a request behind which nothing is trusted any more.
    void give_up(int status, std::string_view why, Effects& effects) {
        close_ = distrusted_ = true;
        refuse(status, why, effects);
    }
    void refuse(int status, std::string_view why, Effects& effects, std::string_view fields = {}) {
        const std::string body =
            concat(status, ' ', reason_phrase(status), why.empty() ? "" : ": ", why, '\n');
        say_head(status, body.size(), concat(fields, "Content-Type: text/plain; charset=utf-8\r\n"), effects);
        if (!without_body_) effects.reply(bytes_of(body));
        answered(effects);
    }

    void say_head(int status, std::optional<std::uint64_t> length, std::string_view fields,
                  Effects& effects) const {
        std::string head =
            concat("HTTP/1.1 ", status, ' ', reason_phrase(status), "\r\nServer: synscope\r\n", fields);
        if (length) append(head, concat("Content-Length: ", *length, "\r\n"));
        append(head, "X-Content-Type-Options: nosniff\r\n");
        append(head, close_ ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n");
        effects.reply(bytes_of(head));
    }

    void answered(Effects& effects) {
        busy_ = false;
        without_body_ = false;
        if (!close_) return;
        done_ = true;
        if (distrusted_)
            parting_.begin(effects);
        else
            effects.add(Close{});
    }

    framing::HttpDecoder decoder_{kRequestLimits};
    std::string head_text_;  ///< of the request that is being answered
    std::string path_;       ///< of its file, or of a folder with a '/' at its end; empty: the root
    FileId file_;
    std::vector<ByteRange> parts_;        ///< of file_, that are sent
    std::optional<Multipart> multipart_;  ///< when they are several
    std::size_t next_part_ = 0;
    std::uint64_t at_ = 0;  ///< the next piece of the part before next_part_, up to end_
    std::uint64_t end_ = 0;
    bool busy_ = false;          ///< with an answer
    bool without_body_ = false;  ///< it is to a HEAD
    bool close_ = false;         ///< behind it
    bool eof_ = false;           ///< no more requests will come
    bool distrusted_ = false;    ///< more of what was refused may be on its way
    Parting parting_;
    bool done_ = false;  ///< nothing more is answered
};

class Http final : public Service {
  public:
    std::unique_ptr<Session> open(ConnectionKey, const Endpoint&) override {
        return std::make_unique<HttpSession>();
    }
};

}  // namespace

std::unique_ptr<Service> make_http() {
    return std::make_unique<Http>();
}

}  // namespace synscope::service
