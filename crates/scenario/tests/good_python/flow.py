import logging
import time
from locust import HttpUser, StopUser, RescheduleTask, task

logger = logging.getLogger(__name__)
logging.basicConfig(level=logging.INFO)


class Trouble(Exception):
    pass


def answer_of(user, path, *, tries=2):
    for attempt in range(tries):
        response = user.client.get(path)
        if response.ok:
            return response
        logger.info("%s of %s", attempt, path)
    raise Trouble(f"no answer from {path}")


class U(HttpUser):
    @staticmethod
    def both(pair):
        first, (second, third) = pair
        return first + second + third

    def ids(self):
        return self.client.get("/ids").json()["ids"]

    @task
    def t(self):
        page = 0
        while (found := self.ids()) and page < 3:
            page += 1
            for index, item in enumerate(found):
                if item == "skip":
                    continue
                if item == "stop" or self.client.get(f"/item/{item}").status_code == 404:
                    break
                with self.client.get("/in", catch_response=True) as response:
                    if response.status_code == 200 and response.json().get("last"):
                        return
                    response.failure("not the last of %d: %-5s|" % (index, item))
        try:
            answer = answer_of(self, "/{}/{name}".format(page, name="x"), tries=page + 1)
            self.token = answer.json()["token"]
        except (KeyError, Trouble) as error:
            print(error)
            raise RescheduleTask()
        except ValueError:
            self.token = None
        else:
            assert self.token, "no token"
        finally:
            self.client.post("/done", json={"sum": self.both((1, (2, 3)))})
        first = last = self.token
        time.sleep(0.5)
        time.sleep(page)
        status = self.client.get("/a").status_code if page else self.client.get("/b").status_code
        if status == 1:
            pass
        elif self.client.get("/c").ok:
            raise StopUser()
        else:
            self.environment.runner.quit()
