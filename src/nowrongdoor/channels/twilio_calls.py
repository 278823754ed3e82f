"""What a call does next, as TwiML: the little language in which a Twilio-compatible provider is answered.

The promise: a call is ended by `HangUp` alone, so when steps run out the call asks again what to do; none is recorded
but a message that somebody leaves; and whoever is connected sees the line's number, not the caller's.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence

from twilio.twiml.voice_response import Gather, VoiceResponse

from nowrongdoor.channels.protocol import Ask, Connect, HangUp, Hold, Record, Say, Step

# Language and voice for each language that public pages speak. Providers have no voice for Haitian Creole: the French
# one is the nearest. `voice_<language>` of the settings changes one.
VOICES: Mapping[str, tuple[str, str]] = {
    "en": ("en-US", "Polly.Joanna"),
    "es": ("es-US", "Polly.Lupe"),
    "zh": ("cmn-CN", "Polly.Zhiyu"),
    "vi": ("vi-VN", "Google.vi-VN-Standard-A"),
    "tl": ("fil-PH", "Google.fil-PH-Standard-A"),
    "ko": ("ko-KR", "Polly.Seoyeon"),
    "ar": ("arb", "Polly.Zeina"),
    "ht": ("fr-FR", "Polly.Celine"),
    "ru": ("ru-RU", "Polly.Tatyana"),
    "pt": ("pt-BR", "Polly.Camila"),
}
SILENCE = 10  # seconds after which a message counts as finished

# What XML 1.0 cannot hold: one such sign would have the provider drop the call.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(steps: Sequence[Step], *, address: str, number: str, voices: Mapping[str, tuple[str, str]]) -> str:
    """Write steps as TwiML; none are the empty answer. `address`: where the provider asks what is next; `number`:
    ours."""
    response = VoiceResponse()
    for step in steps:
        _add(response, step, address, number, voices)
    if steps and not isinstance(steps[-1], HangUp | Hold | Connect | Ask):
        response.redirect(f"{address}?again=1", method="POST")
    return str(response)


def _add(response: VoiceResponse, step: Step, address: str, number: str, voices: Mapping[str, tuple[str, str]]) -> None:
    match step:
        case Say(words, language):
            _say(response, words, language, voices)
        case Hold(seconds):
            response.pause(length=seconds)
            response.redirect(f"{address}?again=1", method="POST")
        case Ask(words, language, seconds, is_number):
            # A name of its own for each question: what comes back under it is one answer, however often it is sent.
            gather = response.gather(
                num_digits=None if is_number else 1,
                timeout=seconds,
                input="dtmf",
                finish_on_key="#" if is_number else "",
                action=f"{address}?ask={secrets.token_hex(8)}",
                action_on_empty_result=True,
                method="POST",
            )
            _say(gather, words, language, voices)
        case Record(seconds):
            response.record(
                max_length=seconds,
                timeout=SILENCE,
                play_beep=True,
                transcribe=False,
                action=f"{address}?recorded=1",
                method="POST",
                recording_status_callback=address,
                recording_status_callback_event="completed",
                recording_status_callback_method="POST",
            )
        case Connect(to, seconds):
            dial = response.dial(
                caller_id=number,
                timeout=seconds,
                record="do-not-record",
                action=f"{address}?dial={secrets.token_hex(8)}",
                method="POST",
            )
            dial.number(_UNWRITABLE.sub("", to))
        case HangUp():
            response.hangup()


def _say(to: VoiceResponse | Gather, words: str, language: str, voices: Mapping[str, tuple[str, str]]) -> None:
    spoken, voice = voices.get(language.partition("-")[0].lower(), voices["en"])
    to.say(_UNWRITABLE.sub(" ", words), language=spoken, voice=voice)
