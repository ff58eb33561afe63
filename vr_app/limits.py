"""Every safety figure, once, with its unit in its name; what each is for is told in docs/design/safety.md.

Sources stand beside the figures; "ours" is our own choice, stricter than any standard asks or where none exists.
"""

from __future__ import annotations

from typing import Final

# --- Picture -----------------------------------------------------------------------------------------------------

# Flashes (WCAG 2.2 "three flashes or below threshold", after Harding).
LUMINANCE_WEIGHTS: Final = (0.2126, 0.7152, 0.0722)  # WCAG 2.2 relative luminance, linear R, G, B
FLASH_LUMINANCE_STEP: Final = 0.10  # WCAG 2.2: change of relative luminance between neighbouring peak and valley
FLASH_DARKER_BELOW: Final = 0.80  # WCAG 2.2: only when the darker of the two is below this relative luminance
RED_SHARE: Final = 0.8  # WCAG 2.2: R / (R + G + B) at or above this is a saturated red
RED_CHROMATICITY_STEP: Final = 0.2  # WCAG 2.2: distance in CIE 1976 u'v'
FLASH_SOLID_ANGLE_SR: Final = 0.006  # WCAG 2.2: within any circle of FLASH_CIRCLE_DEG
FLASH_CIRCLE_DEG: Final = 10.0  # WCAG 2.2: the central field
WCAG_FLASHES_PER_SECOND: Final = 3  # WCAG 2.2: more than this fails
GENERAL_FLASHES_PER_SECOND: Final = 1  # ours
RED_FLASHES_PER_SECOND: Final = 0  # ours
PATTERNS: Final = 0  # ours
PATTERN_PAIRS: Final = 5  # Harding: more light-dark pairs than this ...
PATTERN_SECONDS: Final = 0.5  # ours: ... for this long make a pattern
FLASH_TEST_PIXELS: Final = (128, 128)  # ours, in continuous integration
FLASH_TEST_HZ: Final = 30.0  # ours
FLASH_TEST_SECONDS: Final = 20.0  # ours, for each scene in continuous integration
FLASH_EXTREME_SECONDS: Final = 60.0  # ours, at each extreme of the settings by the analyser's own command
FLASH_RELEASE_SECONDS: Final = 600.0  # ours, before a release

# Brightness.
LUMINANCE_CHANGE_PER_SECOND: Final = 0.10  # ours: of full white, whole picture
LUMINANCE_CHANGE_HZ: Final = 0.5  # ours: the fastest pulsation of the whole picture
FRAME_MEAN_LUMINANCE: Final = 0.35  # ours: of full white, at most
FADE_SECONDS: Final = 1.0  # ours: at least, and monotonic

# Motion: the rig never moves or turns, only the head does.
DRIFT_VIEW_SHARE: Final = 0.10  # ours: of the view, below
DRIFT_DEG_PER_SECOND: Final = 5.0  # ours, at most
DRIFT_METRES_PER_SECOND: Final = 0.25  # ours, at most
TRACKING_JUMP_METRES: Final = 0.20  # ours: a greater jump between two frames is faded over, never shown
TRACKING_JUMP_DEG: Final = 20.0  # ours

# Distance and size.
CONTENT_NEAREST_METRES: Final = 1.0  # ours
TEXT_NEAREST_METRES: Final = 1.3  # ours
TEXT_FARTHEST_METRES: Final = 3.0  # ours
CAPITAL_HEIGHT_DEG: Final = 0.5  # ours; Microsoft's floor is 0.35 to 0.4
PLACE_VIEW_RAISE_DEG: Final = 25.0  # ours: a chair leaning farther back pitches the place, not the content

# --- Time --------------------------------------------------------------------------------------------------------

ON_TIME_PERCENT: Final = 99.5  # ours, at least; Microsoft fails one drop in 10 s
LATE_STREAK: Final = 1  # ours: missed refreshes in a row, at most
ON_TIME_MINUTES: Final = 45.0  # ours: over a session of this length
FIRST_IMAGE_SECONDS: Final = 4.0  # Meta VRC: first head-tracked image after launch, at most

# --- Sound -------------------------------------------------------------------------------------------------------

# Loudness by ITU-R BS.1770-4 / EBU R 128.
VOICE_LUFS: Final = -20.0  # ours
VOICE_TOLERANCE_LU: Final = 1.0  # ours
BED_LUFS: Final = -32.0  # ours
BED_TOLERANCE_LU: Final = 2.0  # ours
GUIDED_PLAN_LUFS: Final = -23.0  # ours, with continuous guidance; the programme level of EBU R 128
GUIDED_PLAN_TOLERANCE_LU: Final = 1.0  # ours
MOMENTARY_LUFS: Final = -14.0  # ours, at most
TRUE_PEAK_DBTP: Final = -2.0  # ours, at most
DUCK_LU: Final = 10.0  # ours: a voice lowers the bed by at least this
ONSET_DB_PER_SECOND: Final = 15.0  # ours: beds and music, at most
STRIKE_ATTACK_SECONDS: Final = 0.010  # ours: struck and interface sounds, at least
STRIKE_OVER_BED_LU: Final = 6.0  # ours: momentary, at most
GESTURE_OVER_BED_LU: Final = 10.0  # ours: the same within GESTURE_SECONDS of the patient's own gesture
GESTURE_SECONDS: Final = 0.150  # ours
STRIKES_PER_SECOND: Final = 4  # ours, at most
SURVIVED_GAIN_DB: Final = 24.0  # ours: an input this much too loud is survived, as are NaN, DC and clicks
STRIKE_TO_SOUND_SECONDS: Final = 0.060  # ours, at most
TALK_OVER_SECONDS: Final = 0.120  # ours, at most
SILENCE_DB: Final = -60.0  # ours: what counts as silent after a stop
SILENCE_SECONDS: Final = 0.300  # ours: after a stop, at most
CEILING_DBA: Final = 70.0  # ours, for each headset; WHO/ITU H.870: 80 dBA for 40 h a week, sensitive 75

# --- Stop --------------------------------------------------------------------------------------------------------

STOP_BUTTON_SECONDS: Final = 1.5  # ours: menu or face button held
STOP_PALMS_SECONDS: Final = 1.0  # ours: both palms facing out, pushed forward
STOP_GAZE_SECONDS: Final = 2.0  # ours: gaze on the target low to one side
STOP_GAZE_CONFIRM_SECONDS: Final = 1.0  # ours
STOP_FEEDBACK_SECONDS: Final = 0.100  # ours: ring and tone answer from here on
END_GENTLY_SECONDS: Final = 4.0  # ours: to the calm room
STOP_NOW_ANSWER_SECONDS: Final = 0.100  # ours, at most: motion and guide cease, sound falls
STOP_NOW_SECONDS: Final = 1.0  # ours, at most: dissolve to the calm room complete
LOCAL_KEY_SECONDS: Final = 0.100  # ours, at most
TABLET_STOP_SECONDS: Final = 0.250  # ours, 99th percentile, at most
STOP_TRIALS: Final = 1000  # ours: all of them under full load
GROUND_CAPTIONS: Final = 3  # ours: where you are, who is here, your chair
TABLET_LOST_SECONDS: Final = 5.0  # ours: then the computer alerts
NO_CONTROL_SECONDS: Final = 60.0  # ours: no control surface at all: end gently
RENDER_DEAD_SECONDS: Final = 5.0  # ours: then every surface says that the picture has stopped

# --- Processes --------------------------------------------------------------------------------------------------

HEARTBEAT_SECONDS: Final = 1.5  # ours: a process that owes frames and is silent for longer is started anew
HEARTBEAT_IDLE_SECONDS: Final = 5.0  # ours: the same while no frames are expected
HEARTBEAT_STARTING_SECONDS: Final = 15.0  # ours: the same until its first turn
HEARTBEAT_WRITING_SECONDS: Final = 120.0  # ours: the same while a session that is over writes its report
ORDER_TAKEN_SECONDS: Final = 0.5  # ours: a stop that lies untaken for longer has the process started anew
BACK_AFTER_KILL_SECONDS: Final = 2.5  # ours: in the calm room again, at most
BACK_AFTER_HANG_SECONDS: Final = 3.5  # ours, at most
RESUME_SECONDS: Final = 2.0  # ours: a plan goes on within this of the second at which it was interrupted
CHILDREN_GONE_SECONDS: Final = 2.0  # ours: after the supervisor's own death, at most
LINK_MICROSECONDS: Final = 50.0  # ours: cost of the link to a frame while nothing is asked
MIRRORED_FRAME_MS: Final = 0.5  # ours: what a picture for those who watch adds to its frame, at most

# --- Breath ------------------------------------------------------------------------------------------------------

BREATH_RATES: Final = (4.0, 20.0)  # ours: breaths a minute that are told from a controller on the belly
BREATH_RATE_ERROR: Final = 0.5  # ours: breaths a minute, at most ...
BREATH_KNOWN_SECONDS: Final = 30.0  # ours: ... after this time
BREATH_SURE: Final = 0.5  # ours: confidence from which a breath may lead; noise never has it
PACE_FIRST: Final = 10.0  # ours: breaths a minute at which a pace begins when the patient's own is not known
PACE_RANGE: Final = (5.5, 10.0)  # ours: breaths a minute to which a pace may lead
PACE_SLOWING_SECONDS: Final = 30.0  # ours: at least, for each breath a minute by which it slows
PACE_OWN_MOST: Final = 15.0  # ours: breaths a minute, own ones, that a pace keeps company with
PACE_STRUGGLE: Final = 2.0  # ours: breaths a minute above the pace, after they went along: pacing drops
PACE_FAR_SECONDS: Final = 30.0  # ours: far from the pace for so long: pacing drops
PACE_UNSURE_SECONDS: Final = 15.0  # ours: nobody can tell any more for so long: pacing drops

# --- Faults ------------------------------------------------------------------------------------------------------

DOFFED_QUIET_SECONDS: Final = 1.0  # ours: from headset off to quiet, at most
FORM_FACTOR_POLL_HZ: Final = 1.0  # ours: while no headset is there
SEEDED_FAULTS: Final = 5000  # ours, at least, at every call site: none crashes the supervisor or hangs unnoticed
FAULT_MEMORY_GROWTH_BYTES: Final = 10_000_000  # ours, at most, over all of them
RUNTIME_KILLS: Final = 100  # ours, at least
RUNTIME_BACK_P95_SECONDS: Final = 5.0  # ours: back in the calm room
RUNTIME_BACK_SECONDS: Final = 10.0  # ours, at most
LOSS_BANNER_SECONDS: Final = 1.0  # ours, at most

# --- Clinical rails ----------------------------------------------------------------------------------------------

RETURN_SECONDS: Final = (60.0, 90.0)  # ours: the way back to the room that ends every plan
EXPOSURE_MINUTES: Final = 20.0  # ours, at most, for each exposure
FIT_SECONDS: Final = 60.0  # ours: fitting the headset
LOOSE_STRAP_SECONDS: Final = 60.0  # ours: claustrophobia, first try
RATING_LOW: Final = 0  # ours
RATING_HIGH: Final = 10  # ours

# --- Privacy and security ----------------------------------------------------------------------------------------

STAFF_LOCK_SECONDS: Final = 600.0  # ours: idle; never while a headset is worn
STAFF_LOGIN_SECONDS: Final = 12 * 3600.0  # ours, at most
PASSPHRASE_CHARACTERS: Final = 10  # ours, at least; each guess at one costs what Argon2id does
CANARIES: Final = 200  # ours: planted patient data, none found after erasing
PAIRING_CHARACTERS: Final = 8  # ours
PAIRING_TRIES: Final = 5  # ours
PAIRING_SECONDS: Final = 120.0  # ours
TLS_LEAST: Final = (1, 2)  # ours: version
TOKEN_BITS: Final = 128  # ours, at least
SOCKET_FRAME_BYTES: Final = 65_536  # ours, at most
FORM_BYTES: Final = 4_000_000  # ours, at most: a note of 10,000 lines and its JSON
HOSTILE_CASES: Final = 60  # ours, at least, none accepted
FUZZED_FRAMES: Final = 10_000  # ours, none accepted and stop as fast as before
