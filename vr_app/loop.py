"""One frame, on one screen: events, orders, wait, time, inputs, update, record, locate, replay, end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vr_app.api import Inputs
from vr_app.clock import SessionClock
from vr_app.commands import Watch
from vr_app.director import Director
from vr_app.headset import Found, Headset, HiddenAreaChanged, RefreshRate, View
from vr_app.link import Link
from vr_app.loading import Loading
from vr_app.render.mirror import Mirror
from vr_app.render.renderer import Renderer
from vr_app.sound.led import LedSound
from vr_app.sound.silent import Silent
from vr_app.timing.collector import Collector
from vr_app.timing.governor import Governor
from vr_app.timing.ledger import GPU, INPUTS, LOCATED, RECORDED, REPLAYED, UPDATED, Ledger


@dataclass(slots=True)
class Loop:
    """Everything a frame touches. Blocks in one place: `headset.frame()`."""

    headset: Headset
    director: Director
    renderer: Renderer
    ledger: Ledger
    collector: Collector
    clock: SessionClock
    link: Link
    sound: LedSound = field(default_factory=Silent)
    governor: Governor = field(default_factory=Governor)
    loading: Loading | None = None  # what is still on its way to the GPU
    mirror: Mirror | None = None  # where pictures go to be watched
    look: Callable[[], None] | None = None  # after each frame, for who changes shaders meanwhile
    on_inputs: Callable[[float, Inputs], None] | None = None  # a recorder, when one listens
    cold: bool = True  # the session's first picture, in which drivers finish compiling, is not judged
    views: tuple[View, ...] = ()  # the last valid ones: a lost head sees the world stand still
    inputs: Inputs | None = None

    def run(self) -> None:
        """Until the director has finished."""
        index = 0
        self.governor.use_rate(self.headset.info.refresh_hz)
        self.ledger.pause()
        while not self.director.finished:
            self.hear_events()
            self.take_orders()
            if not self.headset.running:
                self.clock.pause()
                self.headset.rest()
                self.ledger.pause()
                self.link.publish(self.director, None, frames=False)
                self.load()
                continue
            self.one_frame(index)
            self.link.publish(self.director, self.inputs, frames=True)
            if self.director.changed_place:
                self.collector.between_scenes()
            self.collector.after_frame()
            self.load()
            if self.look is not None:
                self.look()
            self.ledger.next()
            index += 1
            if self.cold and self.views:
                self.cold = False
                self.ledger.pause()

    def hear_events(self) -> None:
        for event in self.headset.poll():
            self.director.hear(event)
            if isinstance(event, Found):
                self.cold = True
                self.renderer.forget_images()
                self.governor.use_rate(self.headset.info.refresh_hz)
            if isinstance(event, RefreshRate):
                self.governor.use_rate(event.hz)
            if isinstance(event, (Found, HiddenAreaChanged)):
                self.renderer.set_hidden_area([self.headset.hidden_area(eye) for eye in (0, 1)])

    def load(self) -> None:
        """A share of what scenes are made of, in the rest of the frame."""
        if self.loading is None:
            return
        if self.director.changed_place:
            self.loading.uploads.forget()
        if words := self.loading.after_frame():
            self.director.note(words)

    def take_orders(self) -> None:
        for order in self.link.take():
            if isinstance(order.command, Watch):
                refused = self.mirror.watch(order.command) if self.mirror else "this session has no mirror"
            else:
                refused = self.director.obey(order.command)
            self.link.answer(order, refused)

    def one_frame(self, index: int) -> None:
        ledger, director, renderer, governor = self.ledger, self.director, self.renderer, self.governor
        with self.headset.frame() as frame:
            moment = self.clock.tick(frame.timing.display_time)
            sampled = frame.sample_inputs()
            inputs = self.inputs = director.placed_inputs(sampled)
            if self.on_inputs:
                self.on_inputs(moment.time, sampled)
            ledger.mark(INPUTS)
            director.detail = governor.detail
            director.update(index, moment, inputs)
            self.sound.listen_from(inputs.head, moment.shown)
            ledger.mark(UPDATED)
            if not frame.timing.should_render:
                return
            recording = renderer.record()
            director.draw(recording)
            ledger.mark(RECORDED)
            self.views = director.placed_views(frame.locate_views()) or self.views
            ledger.mark(LOCATED)
            targets = frame.targets(governor.scale)
            if self.views and targets:
                air = renderer.air
                air.seconds, air.scene_seconds = director.world_seconds, director.scene_seconds
                air.mist = director.mist
                air.brightness, air.detail = director.brightness, director.detail
                renderer.replay(self.views, targets)
                if self.mirror is not None:
                    self.mirror.after_replay(renderer, moment.time)
                if renderer.gpu_clock:
                    spent = renderer.gpu_clock.take()
                    ledger.put(GPU, spent)  # of a frame some frames ago
                    if governor.heed(spent):
                        director.journal.events.append((moment.time, str(governor)))
            ledger.mark(REPLAYED)
