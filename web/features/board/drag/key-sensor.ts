import type { Activator, Activators, SensorInstance, SensorProps } from "@dnd-kit/core";
import type { KeyboardEvent as ReactKeyboardEvent } from "react";

export interface KeySensorOptions {
  /** Takes a key during a drag, which moves the place; false when it means nothing. */
  readonly onKey?: (code: string) => boolean;
}

const activator: Activator<KeySensorOptions> = {
  eventName: "onKeyDown",
  handler: (event: ReactKeyboardEvent, _options, { active }) => {
    const handle = active.activatorNode.current ?? active.node.current;
    if (event.nativeEvent.code !== "Space" || event.target !== handle) return false;
    event.preventDefault();
    return true;
  },
};

/**
 * Drags by keys: Space lifts and drops, Escape cancels, and so does a page that is hidden. It listens from the moment of the lifting, so
 * that the next key counts however soon it comes; the package's own sensor waits for a timer and loses it.
 */
export class KeySensor implements SensorInstance {
  static readonly activators: Activators<KeySensorOptions> = [activator];
  readonly autoScrollEnabled = false;
  readonly #props: SensorProps<KeySensorOptions>;

  constructor(props: SensorProps<KeySensorOptions>) {
    this.#props = props;
    // The key that lifts has passed the window's capture phase: only later ones come here.
    window.addEventListener("keydown", this.#press, { capture: true });
    document.addEventListener("visibilitychange", this.#cancel);
    props.onStart({ x: 0, y: 0 });
  }

  readonly #press = (event: KeyboardEvent): void => {
    const { code } = event;
    const ends = code === "Space" || code === "Enter";
    const cancels = code === "Escape" || code === "Tab";
    if (!ends && !cancels && this.#props.options.onKey?.(code) !== true) return;
    event.preventDefault();
    event.stopPropagation();
    if (cancels) this.#cancel();
    if (!ends) return;
    this.#detach();
    this.#props.onEnd();
  };

  readonly #cancel = (): void => {
    this.#detach();
    this.#props.onCancel();
  };

  #detach(): void {
    window.removeEventListener("keydown", this.#press, { capture: true });
    document.removeEventListener("visibilitychange", this.#cancel);
  }
}
