"""Lists, dicts and what is made of them."""
import time

from locust import HttpUser, constant, task


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        numbers = [5, 3, 8]
        numbers.append(1)
        numbers.extend([9, 2])
        numbers.insert(0, 4)
        numbers.remove(8)
        last = numbers.pop()
        numbers.sort(reverse=True)
        row = {"a": 1}
        row["b"] = 2
        row.update({"c": 3})
        row["a"] += 10
        del row["b"]
        gone = row.pop("zz", "nothing")
        pairs = list(zip(["x", "y"], [1, 2]))
        self.client.post("/made", json={
            "numbers": numbers,
            "last": last,
            "row": row,
            "gone": gone,
            "pairs": dict(pairs),
            "enumerated": [f"{i}:{n}" for i, n in enumerate(numbers, start=1)],
            "even": [n for n in numbers if n % 2 == 0],
            "squares": {str(n): n ** 2 for n in range(3)},
            "sum": sum(numbers),
            "span": max(numbers) - min(numbers),
            "sorted": sorted(numbers),
            "by": sorted([{"n": 2}, {"n": 1}], key=lambda item: item["n"]),
            "any": any(n > 8 for n in numbers),
            "all": all(n > 0 for n in numbers),
            "first": next((n for n in numbers if n < 3), None),
            "keys": list(row.keys()),
            "items": [[key, value] for key, value in row.items()],
            "get": row.get("missing", 0),
            "nested": [[x * y for x in range(3)] for y in range(2)],
            "slice": numbers[1:3] + numbers[-1:],
            "reversed": list(reversed(numbers)),
            "set": sorted(set([1, 1, 2])),
            "merged": {**row, "d": 4},
            "in": 9 in numbers and "a" in row,
            "tuple": (1, 2)[1],
            "divmod": [7 // 2, 7 % 3, 7 / 2, -7 // 2],
            "if": "yes" if row else "no",
            "or": None or "default",
        })
        matrix = [[1, 2], [3, 4]]
        for first, second in matrix:
            self.client.get(f"/sum/{first + second}")
        self.client.get("/end")
        time.sleep(1000)
