"""With types, as tests are written now."""
from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Dict, List, Optional

from locust import HttpUser, constant, task

BASE: str = "/api/v1"
LIMITS: Dict[str, int] = {"page": 2, "retries": 1}


class ApiUser(HttpUser):
    wait_time = constant(0)
    token: Optional[str] = None
    seen: int

    def on_start(self) -> None:
        self.seen = 0
        self.token = self.authenticate("foo", "bar")

    def authenticate(self, username: str, password: str) -> str | None:
        response = self.client.post("/login", json={"username": username, "password": password})
        data: Dict[str, Any] = response.json()
        return data.get("token")

    def auth_headers(self, extra: Optional[Dict[str, str]] = None) -> Dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **(extra or {})}

    @task
    def items(self) -> None:
        items: List[Dict[str, Any]] = self.client.get("/items").json()["items"]
        for index, item in enumerate(items):
            if index >= LIMITS["page"]:
                break
            self.seen += 1
            self.client.get(f"{BASE}/items/{item['id']}", headers=self.auth_headers({"X-Index": str(index)}))
        last: Optional[dict] = items[-1] if items else None
        if last is not None and isinstance(last["name"], str):
            self.client.put(f"{BASE}/last", json={**last, "seen": self.seen}, headers=self.auth_headers())
        self.client.get("/end")
        time.sleep(1000)
