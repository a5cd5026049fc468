"""Frames per second of the playground while it trains, on a phone with a slow processor.

A phone's window (390 by 844 points, three pixels each) in the real browser, its processor slowed
down four times. The aim is at least 25 frames per second. Needs the built site.
"""

import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
from chromium import launch_options  # noqa: E402

PAGE = ROOT / "_build/html/chapters/backprop/playground.html"
SLOWER = 4
SECONDS = 4
ROUNDS = 5
NETWORKS = ("4,2", "8,8", "8,8,8")
COUNT = """
seconds => new Promise(done => {
  const lab = document.querySelector("nn-playground");
  const before = lab.frames ?? 0, start = performance.now();
  lab.begin();
  setTimeout(() => {
    const rate = 1000 * (lab.frames - before) / (performance.now() - start);
    lab.stop();
    done(rate);
  }, 1000 * seconds);
})
"""


def main() -> int:
    """Measure each network and print one line for it."""
    if not PAGE.exists():
        print("frames: there is no site; run `make book` first")
        return 1
    print(f"{SLOWER} times slower processor, frames per second over {ROUNDS} x {SECONDS} s")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        phone = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3}
        for layers in NETWORKS:
            page = browser.new_page(**phone, is_mobile=True, has_touch=True)
            page.goto(f"{PAGE.as_uri()}#nn=data:spirals;layers:{layers};epochs:20000")
            lab = page.locator("nn-playground")
            lab.scroll_into_view_if_needed()
            taken = lab.evaluate("lab => `${lab.settings.layers.join()};${lab.settings.epochs}`")
            if taken != f"{layers};20000":  # a value out of range would leave the default
                print(f"frames: the laboratory took {taken} from its address, not {layers};20000")
                return 1
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            rates = [page.evaluate(COUNT, SECONDS) for _ in range(ROUNDS)]
            page.close()
            print(
                f"layers {layers:6s} median {statistics.median(rates):5.1f}"
                f"   lowest {min(rates):5.1f}   highest {max(rates):5.1f}"
            )
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
