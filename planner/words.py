"""The contract's codes in words, Vietnamese and English. Imports nothing of ours."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["vi", "en"]

PEOPLE: Final[dict[str, dict[str, str]]] = {
    "population_people": {"vi": "Dân số", "en": "Population"},
    "eligible_people": {"vi": "Từ đủ 14 tuổi", "en": "14 and over"},
    "adopted_people": {"vi": "Đã sử dụng", "en": "Adopted"},
    "not_adopted_people": {"vi": "Có sóng, chưa sử dụng", "en": "Signal, not adopted"},
    "no_signal_people": {"vi": "Không có sóng, chưa sử dụng", "en": "No signal, not adopted"},
    "unknown_people": {"vi": "Chưa biết", "en": "Unknown"},
    "without_signal_people": {
        "vi": "Ở nơi không có sóng (gồm cả người đã sử dụng)",
        "en": "Without signal (adopters included)",
    },
    "need_people": {"vi": "Số người cần hỗ trợ", "en": "Need that siting counts"},
}
"""Published people columns, in the order in which they are read."""

COVERAGE_STATUS: Final[dict[str, dict[str, str]]] = {
    "covered": {"vi": "có sóng", "en": "covered"},
    "partial": {"vi": "có sóng một phần", "en": "covered in part"},
    "not_covered": {"vi": "không có sóng", "en": "not covered"},
    "unknown": {"vi": "không rõ", "en": "unknown"},
}

OPERATOR: Final[dict[str, dict[str, str]]] = {
    "any": {"vi": "mọi nhà mạng", "en": "any operator"},
    "unnamed": {"vi": "không rõ nhà mạng", "en": "an operator that is not named"},
}

EVIDENCE: Final[dict[str, dict[str, str]]] = {
    "declared": {"vi": "nhà mạng công bố", "en": "declared by the operator"},
    "modelled": {"vi": "mô hình truyền sóng", "en": "modelled"},
    "measured": {"vi": "đo thực tế", "en": "measured"},
    "mixed": {"vi": "nhiều loại bằng chứng", "en": "several kinds of evidence"},
    "unknown": {"vi": "không rõ", "en": "unknown"},
}

SOURCE: Final[dict[str, dict[str, str]]] = {
    **{kind: EVIDENCE[kind] for kind in ("declared", "modelled", "measured")},
    "reports": {"vi": "phản ánh của người dân", "en": "citizens' reports"},
}
"""Who votes on usable signal."""

RATE_STATUS: Final[dict[str, dict[str, str]]] = {
    "observed": {"vi": "số liệu của thôn", "en": "observed here"},
    "smoothed": {"vi": "đã làm trơn", "en": "smoothed"},
    "estimated": {"vi": "ước lượng", "en": "estimated"},
    "suppressed": {
        "vi": "quá ít người để công bố; dùng tỷ lệ gộp của xã",
        "en": "too few people to publish; the commune's pooled rate",
    },
    "unknown": {"vi": "không rõ", "en": "unknown"},
}

RATE_MODEL: Final[dict[str, dict[str, str]]] = {
    "linear": {"vi": "hồi quy tuyến tính", "en": "linear regression"},
    "trees": {"vi": "cây quyết định", "en": "decision trees"},
}

MEAN_OF: Final[dict[str, dict[str, str]]] = {
    "commune": {"vi": "xã", "en": "the commune"},
    "province": {"vi": "tỉnh", "en": "the province"},
}

SUPPORT_STATUS: Final[dict[str, dict[str, str]]] = {
    "reached": {"vi": "đến được", "en": "reached"},
    "unreachable": {"vi": "không có đường đến", "en": "no way leads there"},
    "beyond_cutoff": {"vi": "xa hơn thời gian giới hạn", "en": "farther than the cutoff"},
    "unknown": {"vi": "không rõ", "en": "unknown"},
}

SUPPORT_REASON: Final[dict[str, dict[str, str]]] = {
    "too_far": {"vi": "có đường nhưng lâu hơn thời gian giới hạn", "en": "there is a way, but it takes too long"},
    "cut_off": {
        "vi": "bị chia cắt: sông, ranh giới hoặc vùng không đi qua được bao quanh",
        "en": "cut off: a barrier or land that nobody passes lies round it",
    },
    "in_a_closed_cell": {
        "vi": "nằm ở nơi không ai đi qua được trong mùa này",
        "en": "it lies where nobody passes in this season",
    },
    "no_team_stands": {"vi": "chưa có tổ cố định nào", "en": "no fixed team stands"},
    "no_entry": {"vi": "bảng số phút không có dòng tới tổ nào", "en": "the plan's matrix has no minutes to any team"},
    "not_in_matrix": {"vi": "bảng số phút không có thôn này", "en": "the plan's matrix has no row for the village"},
    "outside_the_grid": {"vi": "nằm ngoài vùng có dữ liệu đi lại", "en": "nothing is known of the ways there"},
    "no_position": {"vi": "thôn không có toạ độ", "en": "the village has no point"},
    "no_teams_known": {"vi": "kế hoạch không có bảng các tổ", "en": "the plan has no table of teams"},
}

NEED_CLASS: Final[dict[str, dict[str, str]]] = {
    "white_spot": {"vi": "trắng sóng", "en": "white spot: no usable signal"},
    "weak_spot": {"vi": "lõm sóng", "en": "weak spot: signal in part of the village"},
    "skills_gap": {"vi": "có sóng nhưng nhiều người chưa dùng", "en": "signal, but many have not adopted"},
    "access_gap": {"vi": "xa điểm hỗ trợ", "en": "far from support"},
    "several": {"vi": "nhiều lý do", "en": "several reasons"},
    "served": {"vi": "đã được phục vụ", "en": "served"},
    "unknown": {"vi": "không đủ dữ liệu", "en": "not enough data"},
}

RESPONSE: Final[dict[str, dict[str, str]]] = {
    "operator_request": {
        "vi": "đề nghị nhà mạng phủ sóng, cử đội mang kết nối đến",
        "en": "ask the operators for signal, send a team that brings connectivity",
    },
    "community_team": {"vi": "tổ công nghệ số cộng đồng", "en": "a community digital technology team"},
    "rapid_response_visit": {"vi": "đội phản ứng nhanh đến tận nơi", "en": "a visit of the rapid-response team"},
    "survey": {"vi": "khảo sát để có dữ liệu", "en": "a survey, to know more"},
    "none": {"vi": "chưa cần thêm", "en": "nothing more for now"},
}

PILLAR: Final[dict[str, dict[str, str]]] = {
    "connectivity": {"vi": "kết nối", "en": "connectivity"},
    "adoption": {"vi": "sử dụng dịch vụ số", "en": "adoption"},
    "access": {"vi": "tiếp cận hỗ trợ", "en": "access to support"},
    "vulnerability": {"vi": "dễ bị tổn thương", "en": "vulnerability"},
    "voice": {"vi": "tiếng nói người dân", "en": "citizens' voice"},
}

INDICATOR: Final[dict[str, dict[str, str]]] = {
    "vneid_issued": {"vi": "VNeID mức 2 đã cấp", "en": "VNeID level 2 issued"},
    "vneid_activated": {"vi": "VNeID mức 2 đã kích hoạt", "en": "VNeID level 2 activated"},
    "online_services": {"vi": "dịch vụ công trực tuyến", "en": "online public services"},
    "cashless": {"vi": "thanh toán không tiền mặt", "en": "cashless payments"},
}

RANKED: Final[dict[str, dict[str, str]]] = {
    "without_signal_share": {"vi": "tỷ lệ không có sóng", "en": "share without signal"},
    "not_adopted_share": {"vi": "tỷ lệ chưa dùng dịch vụ số", "en": "share that has not adopted"},
    "support_minutes": {"vi": "thời gian tới tổ gần nhất", "en": "minutes to the nearest team"},
    "negative_reports_per_1000": {
        "vi": "phản ánh không có sóng, sóng yếu trên 1.000 người",
        "en": "reports of no or weak signal per 1,000 people",
    },
}
"""Indicators of the score; attributes stand for themselves."""

SITE_STATUS: Final[dict[str, dict[str, str]]] = {
    "existing": {"vi": "đang hoạt động", "en": "standing"},
    "new": {"vi": "đề xuất mới", "en": "proposed"},
    "upgraded": {"vi": "đang hoạt động, đề xuất thêm tổ", "en": "standing, more teams proposed"},
    "moved": {"vi": "đề xuất chuyển đi", "en": "proposed to move away"},
    "closed": {"vi": "đề xuất đóng", "en": "proposed to close"},
}

TEAM_TYPE: Final[dict[str, dict[str, str]]] = {
    "community": {"vi": "tổ cộng đồng", "en": "community team"},
    "rapid_response": {"vi": "đội phản ứng nhanh", "en": "rapid-response team"},
}

FLAG: Final[dict[str, dict[str, str]]] = {
    "age_interpolated": {
        "vi": "số người từ đủ 14 tuổi nội suy từ nhóm tuổi rộng hơn",
        "en": "people of 14 and over interpolated within an age group",
    },
    "approximate_boundary": {
        "vi": "ranh giới gần đúng, không phải ranh giới pháp lý",
        "en": "approximate boundary, not the legal one",
    },
    "area_weighted": {
        "vi": "độ phủ tính theo diện tích, không theo nơi dân ở",
        "en": "coverage weighted by area, not by where people live",
    },
    "coarse_catchment": {
        "vi": "vùng của thôn rất rộng, số liệu chỉ ước chừng",
        "en": "a very large catchment; figures are coarse",
    },
    "commune_as_village": {
        "vi": "xã không có thôn nào trong dữ liệu, tính như một thôn",
        "en": "no village of this commune is listed; it stands for itself",
    },
    "commune_mean": {
        "vi": "thôn không có số liệu, lấy trung bình của xã",
        "en": "no figure of its own; the mean of its commune",
    },
    "commune_value": {
        "vi": "trụ cột dễ bị tổn thương dùng số liệu của xã",
        "en": "vulnerability rests on the commune's figure",
    },
    "commune_rate": {"vi": "tỷ lệ của xã, không riêng cho thôn", "en": "the commune's rate, not the village's own"},
    "contradicted": {"vi": "các bằng chứng về sóng mâu thuẫn nhau", "en": "the evidence on signal contradicts itself"},
    "estimated": {"vi": "số ước lượng", "en": "estimated"},
    "few_tests": {"vi": "có quá ít lần đo sóng", "en": "few measurements of signal"},
    "given_minutes": {"vi": "số phút theo bảng của kế hoạch", "en": "minutes from the plan's own matrix"},
    "merged_points": {
        "vi": "gộp nhiều thôn cùng một toạ độ",
        "en": "several hamlets at one point, taken as one village",
    },
    "model_rate": {
        "vi": "thôn không có số liệu, tỷ lệ do mô hình ước lượng",
        "en": "no figure of its own; a model's estimate",
    },
    "partial_score": {
        "vi": "điểm thiếu một trụ cột chưa biết, chỉ tính theo các trụ cột còn lại",
        "en": "a pillar is unknown here; the score rests on the others",
    },
    "pooled": {
        "vi": "dùng tỷ lệ gộp của xã để bảo vệ dữ liệu cá nhân",
        "en": "the commune's pooled rate, to protect people",
    },
    "split_share": {
        "vi": "số liệu của xã cũ bị chia tách, chia theo tỷ lệ ước tính",
        "en": "figures of a former commune that was divided, by estimated shares",
    },
    "population_spread": {
        "vi": "dân số chia đều từ tổng của xã",
        "en": "people spread equally from the commune's total",
    },
    "population_weighted": {
        "vi": "dân số của xã chia theo trọng số",
        "en": "people spread from the commune's total by a weight",
    },
    "province_rate": {"vi": "tỷ lệ của tỉnh, không riêng cho thôn", "en": "the province's rate, not the village's own"},
    "roads_only": {
        "vi": "thời gian chỉ tính theo các đường lớn đã có dữ liệu",
        "en": "minutes know the main roads only",
    },
    "stale": {"vi": "dữ liệu cũ hơn thời hạn của kế hoạch", "en": "data older than the plan allows"},
    "straight_line": {
        "vi": "thời gian theo đường chim bay nhân hệ số",
        "en": "minutes by straight line times a detour factor",
    },
    "synthetic": {
        "vi": "số liệu mô phỏng, không dùng để quyết định",
        "en": "generated for illustration, not for decisions",
    },
    "tested_in_part": {
        "vi": "chỉ đo sóng ở một phần nhỏ của thôn",
        "en": "signal was measured in a small part of the village only",
    },
    "wet_season": {"vi": "số phút của mùa mưa", "en": "minutes of the wet season"},
}


def say(words: dict[str, dict[str, str]], code: str, language: Language) -> str:
    """Return a code in words; a code without words stands for itself."""
    return words.get(code, {}).get(language, code)
