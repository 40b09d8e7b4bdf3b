"""Small geometries with an enormous overlay."""


def crossing_combs(
    teeth: int, lon: float = 116.8, lat: float = 36.1, size: float = 0.01
) -> list[list[tuple[float, float]]]:
    """Two rings, a comb upright and one lying, whose overlay has a piece for every pair of teeth."""
    ring, step = [], size / (2 * teeth)
    for tooth in range(teeth):
        x = 2 * tooth * step
        ring += [(x, size * 1.1), (x, 0.0), (x + step, 0.0), (x + step, size * 1.1)]
    ring += [(size, size * 1.1), (size, size * 1.2), (0.0, size * 1.2)]
    ring.append(ring[0])
    return [[(lon + x, lat + y) for x, y in ring], [(lon + y, lat + x) for x, y in ring]]
