"""Sentences that the portal can show as they are, Vietnamese and English. Data, no rules."""

from __future__ import annotations

from typing import Final

from api.language import Language

Text = dict[Language, str]

STATUS: Final[dict[str, Text]] = {
    "covered": {
        "vi": "Nơi này có sóng di động dùng được.",
        "en": "This place has usable mobile signal.",
    },
    "partial": {
        "vi": "Chỉ một phần nơi này có sóng di động dùng được.",
        "en": "Only part of this place has usable mobile signal.",
    },
    "not_covered": {
        "vi": "Nơi này chưa có sóng di động dùng được.",
        "en": "This place has no usable mobile signal.",
    },
    "unknown": {
        "vi": "Chưa biết nơi này có sóng di động hay không.",
        "en": "It is not known whether this place has mobile signal.",
    },
    "outside_area": {
        "vi": "Nơi này nằm ngoài địa bàn của bản kế hoạch.",
        "en": "This place lies outside the area of this plan.",
    },
}
"""What a coverage status says."""

NEXT_STEP: Final[dict[str, Text]] = {
    "operator_request": {
        "vi": "Xã, phường gửi đề nghị phủ sóng tới nhà mạng; đội hỗ trợ mang kết nối tới thôn trong khi chờ.",
        "en": "The commune asks the operators for signal; until then a support team brings connectivity to the village.",
    },
    "community_team": {
        "vi": "Tổ công nghệ số cộng đồng hướng dẫn người dân cài đặt và dùng dịch vụ số tại thôn.",
        "en": "A community digital technology team helps people in the village to set up and use digital services.",
    },
    "rapid_response_visit": {
        "vi": "Đội phản ứng nhanh của xã, phường đến thôn theo lịch, vì tổ hỗ trợ cố định ở quá xa.",
        "en": "The commune's rapid-response team visits the village, since a fixed team is too far away.",
    },
    "survey": {
        "vi": "Chưa đủ dữ liệu: xã, phường khảo sát tại chỗ trước khi quyết định.",
        "en": "There is not enough data: the commune surveys on the spot before deciding.",
    },
    "none": {
        "vi": "Không cần hỗ trợ thêm lúc này.",
        "en": "No further support is needed now.",
    },
    "outside_area": {
        "vi": "Xem lại toạ độ, hoặc hỏi địa phương nơi bạn đang ở.",
        "en": "Check the coordinates, or ask the authorities of the place where you are.",
    },
    "between_villages": {
        "vi": "Điểm này không thuộc thôn nào trong dữ liệu; các con số là của cả xã, phường.",
        "en": "No village of the data holds this point; the numbers are those of the whole commune.",
    },
}
"""What happens next, by response; two more for places without a village."""

DISPUTE: Final[dict[str, Text]] = {
    "received": {
        "vi": "Đã nhận và lưu phản ánh. Phản ánh được xét khi lập bản công bố sau; khi đó trạng thái ở đây sẽ đổi.",
        "en": "The report has been received and is kept. It is considered when the next publication is made; then this "
        "state changes.",
    },
    "considered": {
        "vi": "Phản ánh đã được xét trong bản công bố.",
        "en": "A publication has taken the report into account.",
    },
}
"""What became of a report."""

NEAREST_TEAM: Final[Text] = {
    "vi": "Tổ hỗ trợ gần nhất: {name}, {away}.",
    "en": "Nearest support team: {name}, {away}.",
}
"""Added to the next step where a standing team is within reach of the tables."""

HERE: Final[Text] = {"vi": "ngay tại thôn", "en": "in the village itself"}
MINUTE: Final[Text] = {"vi": "đi khoảng 1 phút", "en": "about 1 minute away"}
MINUTES: Final[Text] = {"vi": "đi khoảng {minutes} phút", "en": "about {minutes} minutes away"}
"""How far away: none, one and several minutes."""

HOURS: Final[Text] = {"vi": "Giờ làm việc: {value}.", "en": "Open: {value}."}
CONTACT: Final[Text] = {"vi": "Liên hệ: {value}.", "en": "Contact: {value}."}

NO_TEAM: Final[dict[str, Text]] = {
    "unreachable": {
        "vi": "Không có đường đi tới tổ hỗ trợ cố định nào.",
        "en": "No way leads from here to a fixed support team.",
    },
    "beyond_cutoff": {
        "vi": "Tổ hỗ trợ cố định gần nhất ở quá xa.",
        "en": "The nearest fixed support team is too far away.",
    },
    "unknown": {
        "vi": "Chưa biết tổ hỗ trợ gần nhất ở cách bao xa.",
        "en": "It is not known how far the nearest support team is.",
    },
    "no_team_stands": {
        "vi": "Chưa có tổ hỗ trợ cố định nào.",
        "en": "No fixed support team stands yet.",
    },
    "no_teams_known": {
        "vi": "Chưa biết có tổ hỗ trợ cố định ở đâu.",
        "en": "It is not known where fixed support teams stand.",
    },
}
"""Said where no standing team can be named, by ``support_reason`` where it says more than ``support_status``, else by that."""

NEED_CLASS: Final[dict[str, Text]] = {
    "white_spot": {"vi": "Trắng sóng: chưa có sóng dùng được", "en": "White spot: no usable signal"},
    "weak_spot": {"vi": "Lõm sóng: chỉ một phần thôn có sóng", "en": "Weak spot: signal in part of the village only"},
    "skills_gap": {
        "vi": "Có sóng nhưng nhiều người chưa dùng dịch vụ số",
        "en": "There is signal, but many people do not use digital services yet",
    },
    "access_gap": {"vi": "Tổ hỗ trợ ở xa", "en": "Support is far away"},
    "several": {"vi": "Thiếu vì nhiều lý do cùng lúc", "en": "Underserved for several reasons at once"},
    "served": {"vi": "Đã được phục vụ", "en": "Served"},
    "unknown": {"vi": "Chưa đủ dữ liệu để kết luận", "en": "Not enough data to tell"},
}
"""Why a village is underserved, without a full stop."""

LIKELY: Final[Text] = {"vi": "khả năng {chance}", "en": "{chance} likely"}

UNRANKED: Final[Text] = {
    "vi": "Chưa xếp hạng được: biết quá ít về nơi này.",
    "en": "Not ranked: too little is known about this place.",
}
RANK: Final[Text] = {
    "vi": "Mức thiếu dịch vụ {score} trên 100; hạng {rank} trên {of} thôn (hạng 1 thiếu nhất).",
    "en": "Underserved score {score} of 100; rank {rank} of {of} villages (1 is worst).",
}
RANK_BETWEEN: Final[Text] = {
    "vi": "Mức thiếu dịch vụ {score} trên 100; hạng {rank} trên {of} thôn (hạng 1 thiếu nhất), có thể từ {low} đến {high}.",
    "en": "Underserved score {score} of 100; rank {rank} of {of} villages (1 is worst), possibly {low} to {high}.",
}
RANK_BAND: Final[Text] = {
    "vi": "Mức thiếu dịch vụ {score} trên 100; hạng trong khoảng {low} đến {high} trên {of} thôn (hạng 1 thiếu nhất).",
    "en": "Underserved score {score} of 100; rank somewhere from {low} to {high} of {of} villages (1 is worst).",
}
"""Score and rank; the interval alone where a single rank would mean nothing."""

OPERATOR: Final[dict[str, Text]] = {"any": {"vi": "Mọi nhà mạng", "en": "Any operator"}}
EVIDENCE: Final[dict[str, Text]] = {
    "declared": {"vi": "nhà mạng công bố", "en": "declared by the operator"},
    "modelled": {"vi": "theo mô hình truyền sóng", "en": "modelled"},
    "measured": {"vi": "đo thực tế", "en": "measured"},
}
SHARE: Final[Text] = {"vi": "phủ {share} thôn", "en": "covers {share} of the village"}
SHARE_BETWEEN: Final[Text] = {
    "vi": "phủ {share} thôn (từ {low} đến {high})",
    "en": "covers {share} of the village ({low} to {high})",
}
SHARE_UNKNOWN: Final[Text] = {"vi": "chưa biết độ phủ", "en": "coverage not known"}
NOT_MEASURED: Final[Text] = {"vi": "chưa có số đo ở đây", "en": "nothing measured here yet"}
USABLE: Final[Text] = {"vi": "khả năng dùng được {chance}", "en": "usable with a chance of {chance}"}
"""What is known about one operator."""

ALMOST_ALL: Final[Text] = {"vi": "trên 99 %", "en": "over 99 %"}
ALMOST_NONE: Final[Text] = {"vi": "dưới 1 %", "en": "under 1 %"}

HOW_TO_DISPUTE: Final[dict[bool, Text]] = {
    True: {
        "vi": "Thực tế khác với thông tin này? Hãy gửi phản ánh: nơi nào, nhà mạng nào, thấy gì, ngày nào. "
        "Phản ánh được xét khi lập bản công bố sau.",
        "en": "Is this not what you see? Send a report: where, which operator, what you saw, on which day. "
        "It is considered when the next publication is made.",
    },
    False: {
        "vi": "Thực tế khác với thông tin này? Hãy báo cho UBND xã, phường.",
        "en": "Is this not what you see? Tell your commune's office.",
    },
}
"""How to contradict an answer, by whether the service accepts reports for this place."""

NOTES: Final[dict[str, Text]] = {
    "synthetic": {
        "vi": "Có dữ liệu mô phỏng: chỉ để minh hoạ, không dùng để ra quyết định.",
        "en": "Contains synthetic data: an illustration, not a basis for decisions.",
    },
    "area_weighted": {
        "vi": "Tỷ lệ phủ sóng tính theo diện tích, không theo nơi người dân ở.",
        "en": "The covered share is weighted by area, not by where people live.",
    },
    "contradicted": {
        "vi": "Khai báo của nhà mạng và bằng chứng khác trái ngược nhau.",
        "en": "What an operator declares and other evidence contradict each other.",
    },
    "pooled": {
        "vi": "Số người quá ít để công bố riêng: dùng tỷ lệ chung của xã, phường.",
        "en": "Too few people to publish on their own: the commune's pooled rate is used.",
    },
    "few_tests": {
        "vi": "Có quá ít lần đo sóng ở đây.",
        "en": "Signal was measured here only a few times.",
    },
    "tested_in_part": {
        "vi": "Chỉ đo sóng ở một phần nhỏ của thôn.",
        "en": "Signal was measured in a small part of the village only.",
    },
    "partial_score": {
        "vi": "Điểm số thiếu một phần chưa biết, chỉ tính theo các phần còn lại.",
        "en": "A part of the score is unknown here; it rests on the others.",
    },
    "commune_rate": {
        "vi": "Tỷ lệ sử dụng là của cả xã, phường.",
        "en": "The adoption rate is that of the whole commune.",
    },
    "province_rate": {
        "vi": "Tỷ lệ sử dụng là của cả tỉnh.",
        "en": "The adoption rate is that of the whole province.",
    },
    "split_share": {
        "vi": "Số liệu của một xã, phường cũ bị chia tách được chia theo tỷ lệ ước tính.",
        "en": "Figures of a former commune that was divided are shared out by estimated shares.",
    },
    "population_spread": {
        "vi": "Dân số của xã, phường được chia đều cho các thôn.",
        "en": "The commune's population is divided evenly among its villages.",
    },
    "population_weighted": {
        "vi": "Dân số của xã, phường được chia cho các thôn theo một trọng số.",
        "en": "The commune's population is divided among its villages by a weight.",
    },
    "age_interpolated": {
        "vi": "Số người từ đủ 14 tuổi được nội suy từ một nhóm tuổi rộng hơn.",
        "en": "The number of people of 14 and over is interpolated within an age group.",
    },
    "merged_points": {
        "vi": "Nhiều thôn cùng một toạ độ được gộp làm một.",
        "en": "Several hamlets with the same position are treated as one village.",
    },
    "coarse_catchment": {
        "vi": "Ranh giới của thôn là ước lượng trên một vùng rất rộng.",
        "en": "The village's catchment is an estimate over a very large area.",
    },
    "approximate_boundary": {
        "vi": "Ranh giới xã, phường là gần đúng.",
        "en": "Commune boundaries are approximate.",
    },
    "straight_line": {
        "vi": "Thời gian đi lại tính theo đường chim bay.",
        "en": "Travel times are estimated from straight lines.",
    },
    "roads_only": {
        "vi": "Thời gian đi lại chỉ tính các đường lớn, ngoài đường là đi bộ.",
        "en": "Travel times know main roads only; the rest is taken as walking pace.",
    },
    "stale": {
        "vi": "Dữ liệu đã cũ.",
        "en": "The data are out of date.",
    },
}
"""What a flag means; a flag without a sentence still stands in `flags`."""


def notes(flags: list[str], language: Language) -> list[str]:
    """Return the sentences of those `flags` that have one, in their order."""
    return [NOTES[flag][language] for flag in flags if flag in NOTES]
